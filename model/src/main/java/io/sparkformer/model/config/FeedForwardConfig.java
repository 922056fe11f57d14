package io.sparkformer.model.config;

/**
 * The position-wise feed-forward layer: Vaswani et al. 2017, section 3.3, plain or gated (Shazeer 2020).
 *
 * @param kind plain or gated
 * @param inner elements of the inner layer, d_ff
 * @param activation between the products; in a gated layer of the gate
 * @param biases of the products: none or all
 * @param dropout probability of dropping an inner element after the activation (and after the gate), in [0, 1)
 */
public record FeedForwardConfig(Kind kind, int inner, Activation activation, Biases biases, double dropout) {
  /** What stands between the products. */
  public enum Kind {
    /** {@code activation(x W1^T + b1) W2^T + b2}. */
    PLAIN,
    /** {@code (activation(x Wg^T + bg) * (x Wu^T + bu)) W2^T + b2}. */
    GATED
  }

  public FeedForwardConfig {
    Checks.positive("ffn", inner);
    if (biases == Biases.INPUTS) {
      throw new IllegalArgumentException("A feed-forward layer has biases on all its products or on none");
    }
    Checks.probability("activation-dropout", dropout);
  }

  /** Rows of the first matrix: of a gated layer the gate's, then those that are multiplied by it. */
  public int innerRows() {
    return kind == Kind.GATED ? 2 * inner : inner;
  }

  public FeedForwardConfig withoutDropout() {
    return new FeedForwardConfig(kind, inner, activation, biases, 0);
  }
}
