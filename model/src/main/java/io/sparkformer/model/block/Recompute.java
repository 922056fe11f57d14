package io.sparkformer.model.block;

/** What the backward pass computes again instead of keeping it. */
public enum Recompute {
  /** Nothing: everything that the backward pass needs is kept. */
  NONE,
  /** Whole layers: of each only its input is kept (Chen et al. 2016, "Training deep nets with sublinear memory cost"). */
  LAYERS
}
