package io.sparkformer.model.config;

/** Which keys a query may see. */
public enum Masking {
  /** All of its sequence. */
  NONE,
  /** Its own position and those before it. */
  CAUSAL
}
