package io.sparkformer.model.config;

/** Which stacks a network has. */
public enum Kind {
  /** The paper's network (Vaswani et al. 2017, section 3): an encoder, and a decoder with cross-attention. */
  ENCODER_DECODER
}
