package io.sparkformer.model.config;

/** How a token's place in its sentence reaches the network. */
public enum Positions {
  /** Sines on even and cosines on odd dimensions, added to the embeddings: the paper, section 3.5. */
  SINUSOIDAL
}
