package io.sparkformer.model.decode;

import java.io.Serializable;
import java.util.BitSet;

/**
 * What is done to the scores of next tokens before one is chosen.
 *
 * @param repetitionPenalty scores of tokens that the text holds already, its prompt included, are divided by it where they are positive,
 *     and multiplied where they are negative (Keskar et al. 2019, section 4.1, as Hugging Face's {@code generate} does it); 1: none
 * @param minTokens the end token cannot come before so many new tokens
 */
public record TokenRules(double repetitionPenalty, int minTokens) implements Serializable {

  public TokenRules {
    if (!(repetitionPenalty > 0) || Double.isInfinite(repetitionPenalty)) {
      throw new IllegalArgumentException("Invalid repetition penalty: " + repetitionPenalty + " (must be > 0; 1 is none)");
    }
    if (minTokens < 0) {
      throw new IllegalArgumentException("Invalid minimum of new tokens: " + minTokens + " (must be >= 0)");
    }
  }

  /** Whether they change nothing. */
  public boolean areNone() {
    return repetitionPenalty == 1 && minTokens == 0;
  }

  /**
   * Applies the rules to the scores of a row.
   *
   * @param scores [vocabulary] logits or log-probabilities
   * @param text the tokens that the text holds: prompt and new ones
   * @param length how many of {@code text} count
   * @param newTokens how many of them are new
   * @param penalized an empty set to work with; it is empty again afterwards
   */
  void apply(float[] scores, int[] text, int length, int newTokens, int endToken, BitSet penalized) {
    if (repetitionPenalty != 1) {
      for (int i = 0; i < length; i++) {
        if (!penalized.get(text[i])) {
          penalized.set(text[i]);
          float score = scores[text[i]];
          scores[text[i]] = (float) (score < 0 ? score * repetitionPenalty : score / repetitionPenalty);
        }
      }
      penalized.clear();
    }
    if (newTokens < minTokens) {
      scores[endToken] = Float.NEGATIVE_INFINITY;
    }
  }
}
