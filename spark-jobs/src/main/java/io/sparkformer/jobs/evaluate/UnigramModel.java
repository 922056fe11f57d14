package io.sparkformer.jobs.evaluate;

/**
 * The baseline: the probability of a token depends on its frequency alone. The probability of token
 * t is {@code (count(t) + 1) / (total + vocabulary)}: add-one smoothing, so that every token has some.
 */
public final class UnigramModel {

  private final double[] logProbabilities;

  /** @param counts [vocabulary] how often each token, the end token included, occurs in the training targets */
  public UnigramModel(long[] counts) {
    double total = counts.length;
    for (long count : counts) {
      total += count;
    }
    this.logProbabilities = new double[counts.length];
    for (int token = 0; token < counts.length; token++) {
      logProbabilities[token] = Math.log((counts[token] + 1) / total);
    }
  }

  /**
   * Mean negative log-probability of tokens, in nats.
   *
   * @param counts [vocabulary] how often each token occurs among them
   */
  public double crossEntropy(long[] counts) {
    if (counts.length != logProbabilities.length) {
      throw new IllegalArgumentException("counts of " + counts.length + " tokens for a vocabulary of " + logProbabilities.length);
    }
    double sum = 0;
    long tokens = 0;
    for (int token = 0; token < counts.length; token++) {
      sum -= counts[token] * logProbabilities[token];
      tokens += counts[token];
    }
    return tokens == 0 ? 0 : sum / tokens;
  }
}
