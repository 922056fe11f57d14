package io.sparkformer.model.config;

/** An elementwise function between two products. */
public enum Activation {
  /** {@code max(0, x)}: Vaswani et al. 2017, equation 2. */
  RELU,
  /** {@code x * Phi(x)} with the exact normal distribution function, by erf (Hendrycks and Gimpel 2016). */
  GELU,
  /** {@code 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))}: the approximation in section 2 of the same paper; GPT-2's. */
  GELU_TANH,
  /** {@code x * sigmoid(x)}, also called swish (Elfwing et al. 2017). */
  SILU,
  /** Hyperbolic tangent: BERT's pooler. */
  TANH
}
