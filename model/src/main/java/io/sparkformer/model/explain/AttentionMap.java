package io.sparkformer.model.explain;

/**
 * The attention weights of one layer.
 *
 * @param kind which attention of the layer
 * @param layer its number in its stack, from 0
 * @param weights {@code [heads, query_time, key_time]}, softmax of the scores; a row sums to 1
 */
public record AttentionMap(Kind kind, int layer, float[][][] weights) {
  /** Who attends to whom. */
  public enum Kind {
    ENCODER_SELF, DECODER_SELF,
    /** The decoder's tokens to the encoder's output. */
    CROSS
  }
}
