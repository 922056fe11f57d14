package io.sparkformer.model.decode;

/**
 * The length penalty of Wu et al. 2016, "Google's Neural Machine Translation System", section 7, equation 14:
 * {@code lp(Y) = ((5 + |Y|) / (5 + 1))^alpha}; a hypothesis scores {@code log P(Y|X) / lp(Y)} (without their coverage penalty).
 *
 * <p>|Y| counts the tokens and the end token, whose probability is part of P(Y|X) too, as fairseq and tensor2tensor count. Toolkits
 * that leave the end token out of the length give slightly different scores for the same alpha.
 *
 * @param alpha 0: none, plain log-probability, which favours short translations; larger favours longer ones
 */
public record LengthPenalty(double alpha) {

  /** Checks alpha: a finite number, not negative. */
  public LengthPenalty {
    if (!(alpha >= 0) || Double.isInfinite(alpha)) {
      throw new IllegalArgumentException("length penalty must be 0 or more: " + alpha + "; usual values are 0 to 1");
    }
  }

  /** The divisor for a hypothesis of this many tokens, its end token counted. */
  public double divisor(int lengthWithEnd) {
    return Math.pow((5.0 + lengthWithEnd) / 6.0, alpha);
  }
}
