package io.sparkformer.model.kernel;

/**
 * The most probable next tokens of every row of a decoding step: top-k of the log-softmax over the whole vocabulary.
 *
 * <p>Each row is sorted by falling log-probability; of equally probable tokens the one with the smaller id comes first (and, at the
 * k-th place, is the one that is kept).
 *
 * @param k tokens given for each row
 * @param tokens [rows, k] token ids, row-major; may be longer than needed
 * @param logProbabilities [rows, k] their natural-log probabilities, normalized over the whole vocabulary; may be longer
 * @param endLogProbabilities [rows] log-probability of the end token, whether or not it is among the k best; may be longer
 */
public record NextTokens(int k, int[] tokens, float[] logProbabilities, float[] endLogProbabilities) {

  /** Token at place {@code rank} (0 is the most probable) of a row. */
  public int token(int row, int rank) {
    return tokens[row * k + rank];
  }

  /** Log-probability of the token at place {@code rank} of a row. */
  public float logProbability(int row, int rank) {
    return logProbabilities[row * k + rank];
  }

  /** Log-probability that a row ends here. */
  public float endLogProbability(int row) {
    return endLogProbabilities[row];
  }
}
