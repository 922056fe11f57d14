package io.sparkformer.model.decode;

/** What the log-probability of a finished hypothesis is divided by, so that long ones are not always worse than short ones. */
public enum LengthPenalty {
  /** {@code ((5 + n) / 6)^alpha}: Wu et al. 2016, "Google's Neural Machine Translation System", equation 14. */
  WU {
    @Override
    double divisor(int lengthWithEnd, double alpha) {
      return Math.pow((5.0 + lengthWithEnd) / 6.0, alpha);
    }
  },
  /** {@code n^alpha}: with an alpha of 1 the score is the average log-probability of a token. As Hugging Face and fairseq have it. */
  AVERAGE {
    @Override
    double divisor(int lengthWithEnd, double alpha) {
      return Math.pow(lengthWithEnd, alpha);
    }
  };

  /** Of a hypothesis of this many tokens, its end token counted. */
  abstract double divisor(int lengthWithEnd, double alpha);
}
