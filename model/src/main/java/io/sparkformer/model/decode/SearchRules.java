package io.sparkformer.model.decode;

/** What a finished hypothesis scores, what becomes of hypotheses at the longest allowed length, and when a search ends. */
public enum SearchRules {
  /**
   * The length penalty of Wu et al. 2016, "Google's Neural Machine Translation System", equation 14; at the limit hypotheses end with the
   * probability of the end token there; the search goes on while an unfinished hypothesis can still become one of the n best.
   */
  GNMT {
    @Override
    double divisor(int lengthWithEnd, double alpha) {
      return Math.pow((5.0 + lengthWithEnd) / 6.0, alpha);
    }
  },
  /**
   * Hugging Face's: a hypothesis of n new tokens, its end token counted, scores its log-probability divided by {@code n^alpha}; at the
   * limit, which counts the end token, hypotheses are cut; the search ends when {@code beam} hypotheses are finished and the worst of them
   * scores no less than the best extension of the step would as it is ({@code early_stopping = false}).
   */
  HUGGING_FACE {
    @Override
    double divisor(int lengthWithEnd, double alpha) {
      return Math.pow(lengthWithEnd, alpha);
    }
  },
  /** As {@link #HUGGING_FACE}, but the last token allowed is the end token, at no cost ({@code forced_eos_token_id}: Marian, BART). */
  HUGGING_FACE_FORCED_END {
    @Override
    double divisor(int lengthWithEnd, double alpha) {
      return Math.pow(lengthWithEnd, alpha);
    }
  };

  /** What the log-probability of a hypothesis of this many tokens, its end token counted, is divided by. */
  abstract double divisor(int lengthWithEnd, double alpha);
}
