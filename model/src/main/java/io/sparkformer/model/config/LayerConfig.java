package io.sparkformer.model.config;

/**
 * One layer of a stack: self-attention, cross-attention where there is memory to attend to, feed-forward.
 *
 * @param arrangement where norms and residual sums stand
 * @param selfAttention of the stack's own tokens
 * @param crossAttention to the encoder's output; null in an encoder and in a decoder by itself
 * @param feedForward the last sub-layer
 * @param norm the norms of all sub-layers
 * @param dropout probability of dropping an element of a sub-layer's output, in [0, 1)
 */
public record LayerConfig(Arrangement arrangement, AttentionConfig selfAttention, AttentionConfig crossAttention,
    FeedForwardConfig feedForward, NormConfig norm, double dropout) {
  /** Where the norms of a layer stand. */
  public enum Arrangement {
    /** {@code norm(x + sublayer(x))}: Vaswani et al. 2017, section 3.1. */
    POST_NORM,
    /** {@code x + sublayer(norm(x))} (Xiong et al. 2020). */
    PRE_NORM,
    /** {@code x + attention(norm(x)) + feedForward(norm(x))}, one norm for both (Wang and Komatsuzaki 2021; Falcon 7B). */
    PARALLEL,
    /** {@code x + attention(norm1(x)) + feedForward(norm2(x))}: Falcon 40B. */
    PARALLEL_TWO_NORMS
  }

  public LayerConfig {
    if (crossAttention != null && arrangement != Arrangement.POST_NORM && arrangement != Arrangement.PRE_NORM) {
      throw new IllegalArgumentException("A layer with cross-attention cannot be arranged as " + arrangement);
    }
    Checks.probability("dropout", dropout);
  }

  public LayerConfig withoutDropout() {
    return new LayerConfig(arrangement, selfAttention.withoutDropout(), crossAttention == null ? null : crossAttention.withoutDropout(),
        feedForward.withoutDropout(), norm, 0);
  }
}
