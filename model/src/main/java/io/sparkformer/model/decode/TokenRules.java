package io.sparkformer.model.decode;

import java.io.Serializable;
import java.util.BitSet;

/**
 * What is done to the scores of next tokens before one is chosen, as Hugging Face's {@code generate} does it. A text is what a decoder has
 * read: of a decoder by itself the prompt and the new tokens, of an encoder-decoder the begin token and the new tokens.
 *
 * @param repetitionPenalty scores of tokens that the text holds already are divided by it where they are positive, and multiplied where
 *     they are negative (Keskar et al. 2019, section 4.1); 1: none
 * @param noRepeatNgram no run of so many tokens comes twice in the text (Paulus et al. 2018, section 2.5); 0: they may
 * @param minTokens an end token cannot come before so many new tokens
 * @param minLength nor before the text has so many tokens
 */
public record TokenRules(double repetitionPenalty, int noRepeatNgram, int minTokens, int minLength) implements Serializable {

  /** They change nothing. */
  public static final TokenRules NONE = new TokenRules(1, 0, 0, 0);

  public TokenRules {
    if (!(repetitionPenalty > 0) || Double.isInfinite(repetitionPenalty)) {
      throw new IllegalArgumentException("Invalid repetition penalty: " + repetitionPenalty + " (must be > 0; 1 is none)");
    }
    if (noRepeatNgram < 0) {
      throw new IllegalArgumentException("Invalid length of n-grams that must not repeat: " + noRepeatNgram + " (must be >= 0; 0 is none)");
    }
    if (minTokens < 0) {
      throw new IllegalArgumentException("Invalid minimum of new tokens: " + minTokens + " (must be >= 0)");
    }
    if (minLength < 0) {
      throw new IllegalArgumentException("Invalid minimum length: " + minLength + " (must be >= 0)");
    }
  }

  /** Without a rule for n-grams. */
  public TokenRules(double repetitionPenalty, int minTokens) {
    this(repetitionPenalty, 0, minTokens, 0);
  }

  /** Whether they change nothing. */
  public boolean areNone() {
    return repetitionPenalty == 1 && noRepeatNgram == 0 && minTokens == 0 && minLength == 0;
  }

  /**
   * Applies the rules to the scores of a row.
   *
   * @param scores those of the row are {@code scores[from ..< from + vocabulary]}
   * @param normalizer what is subtracted from {@code scores} to get the scores that the penalty is for
   * @param text the tokens that the text holds
   * @param length how many of {@code text} count
   * @param newTokens how many of them are new
   * @param seen an empty set to work with; it is empty again afterwards
   */
  void apply(float[] scores, int from, double normalizer, int[] text, int length, int newTokens, ControlTokens control, BitSet seen) {
    if (repetitionPenalty != 1) {
      for (int i = 0; i < length; i++) {
        if (!seen.get(text[i])) {
          seen.set(text[i]);
          double score = scores[from + text[i]] - normalizer;
          scores[from + text[i]] = (float) (normalizer + (score < 0 ? score * repetitionPenalty : score / repetitionPenalty));
        }
      }
      seen.clear();
    }
    if (noRepeatNgram > 0) {
      banRepeats(scores, from, text, length);
    }
    if (newTokens < minTokens || length < minLength) {
      scores[from + control.end()] = Float.NEGATIVE_INFINITY;
      control.otherEnds().forEach(end -> scores[from + end] = Float.NEGATIVE_INFINITY);
    }
  }

  /** Whatever followed the last {@code noRepeatNgram - 1} tokens before, where they stood before, must not follow them again. */
  private void banRepeats(float[] scores, int from, int[] text, int length) {
    int known = noRepeatNgram - 1;
    for (int start = 0; start + known < length; start++) {
      int same = 0;
      while (same < known && text[start + same] == text[length - known + same]) {
        same++;
      }
      if (same == known) {
        scores[from + text[start + known]] = Float.NEGATIVE_INFINITY;
      }
    }
  }
}
