package io.sparkformer.model.decode;

import java.util.Arrays;

/**
 * One finished translation of a sentence.
 *
 * @param tokens token ids without begin and end tokens; may be empty
 * @param logProbability natural-log probability of the tokens and the end token after them, given the source
 * @param score logProbability divided by the length penalty of its length ({@link LengthPenalty}); higher is better
 * @param attention {@code [tokens, source tokens]}, both with their end tokens: what the network attended to when it chose each token; the
 *     end token's row is missing where the translation was cut; null of a decoder that does not watch it
 */
public record Hypothesis(int[] tokens, double logProbability, double score, float[][] attention) {

  /** Without attention. */
  public Hypothesis(int[] tokens, double logProbability, double score) {
    this(tokens, logProbability, score, null);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Hypothesis that
        && Arrays.equals(tokens, that.tokens)
        && Double.compare(logProbability, that.logProbability) == 0
        && Double.compare(score, that.score) == 0
        && Arrays.deepEquals(attention, that.attention);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(tokens) + Double.hashCode(score);
  }

  @Override
  public String toString() {
    return "Hypothesis[tokens=" + Arrays.toString(tokens) + ", logProbability=" + logProbability + ", score=" + score + "]";
  }
}
