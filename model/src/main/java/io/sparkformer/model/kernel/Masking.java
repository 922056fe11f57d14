package io.sparkformer.model.kernel;

/** Which keys a query may see. */
public enum Masking {
  /** All of its sentence. */
  NONE,
  /** Its own position and those before it. */
  CAUSAL
}
