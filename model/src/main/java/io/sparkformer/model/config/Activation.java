package io.sparkformer.model.config;

/** The function between the two products of the feed-forward layer. */
public enum Activation {
  /** {@code max(0, x)}: the paper, equation 2. */
  RELU,
  /** {@code x * Phi(x)} with the exact normal distribution function, by erf (Hendrycks and Gimpel 2016). */
  GELU
}
