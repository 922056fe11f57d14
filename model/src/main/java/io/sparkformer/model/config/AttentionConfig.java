package io.sparkformer.model.config;

/**
 * Multi-head attention with its projections: Vaswani et al. 2017, section 3.2, and what later families changed of it.
 *
 * @param heads query heads
 * @param keyValueHeads heads of keys and values, a divisor of {@code heads}: query head {@code h} reads key-value head
 *     {@code h / (heads / keyValueHeads)} (Ainslie et al. 2023; one is multi-query attention, Shazeer 2019)
 * @param headWidth elements of one head; heads times width need not be the width of the residual stream
 * @param scale what scores are multiplied by; usually {@code headWidth^-0.5}, T5's is 1
 * @param biases of the projections
 * @param masking which keys a query sees
 * @param window with {@link Masking#CAUSAL}: a query sees itself and the {@code window - 1} keys before it (Child et al. 2019; Mistral's
 *     sliding window); 0 for all keys before it
 * @param positions how positions enter scores
 * @param dropout probability of dropping an attention weight, in [0, 1)
 */
public record AttentionConfig(int heads, int keyValueHeads, int headWidth, double scale, Biases biases, Masking masking, int window,
    AttentionPositions positions, double dropout) {
  public AttentionConfig {
    if (heads <= 0 || headWidth <= 0 || keyValueHeads <= 0 || heads % keyValueHeads != 0) {
      throw new IllegalArgumentException("Invalid attention: heads=%d, key-value heads=%d (must divide the heads), head width=%d"
          .formatted(heads, keyValueHeads, headWidth));
    }
    if (window < 0 || window > 0 && masking != Masking.CAUSAL) {
      throw new IllegalArgumentException("Invalid window of attention: %d (must be >= 0, and needs causal masking)".formatted(window));
    }
    if (positions instanceof AttentionPositions.Rotary rotary && rotary.width() > headWidth) {
      throw new IllegalArgumentException("Rotary positions of width %d do not fit heads of width %d".formatted(rotary.width(), headWidth));
    }
    Checks.probability("attention-dropout", dropout);
  }

  /** Heads that share one head of keys and values. */
  public int group() {
    return heads / keyValueHeads;
  }

  /** Elements of all query heads: columns of the context that the output projection reads. */
  public int queryWidth() {
    return heads * headWidth;
  }

  /** Elements of all key heads, and of all value heads. */
  public int keyValueWidth() {
    return keyValueHeads * headWidth;
  }

  /** Rows of the stacked projection: queries, keys, values. */
  public int inputWidth() {
    return queryWidth() + 2 * keyValueWidth();
  }

  public AttentionConfig withoutDropout() {
    return new AttentionConfig(heads, keyValueHeads, headWidth, scale, biases, masking, window, positions, 0);
  }
}
