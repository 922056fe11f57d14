package io.sparkformer.model.kernel;

/**
 * Sums over the labelled rows of a micro-batch, in nats.
 *
 * @param smoothed cross-entropy with the {@link LossTerms}: what training minimizes
 * @param negativeLogLikelihood plain cross-entropy
 * @param tokens how many labels counted
 * @param correct how many of them have the highest score of their row; spans are not counted
 */
public record Loss(double smoothed, double negativeLogLikelihood, long tokens, long correct) {
  public static final Loss ZERO = new Loss(0, 0, 0, 0);

  public Loss plus(Loss other) {
    return new Loss(smoothed + other.smoothed, negativeLogLikelihood + other.negativeLogLikelihood, tokens + other.tokens,
        correct + other.correct);
  }
}
