package io.sparkformer.model.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Finds the k largest scores of rows, and fills a {@link NextTokens}. Of equal scores the smaller token id wins. */
public final class TopTokens {
  private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;

  private final int k;
  private final int endToken;
  private final int[] tokens;
  private final float[] logProbabilities;
  private final float[] endLogProbabilities;

  public TopTokens(int rows, int k, int endToken) {
    this.k = k;
    this.endToken = endToken;
    this.tokens = new int[rows * k];
    this.logProbabilities = new float[rows * k];
    this.endLogProbabilities = new float[rows];
  }

  /**
   * Takes one row.
   *
   * @param logits the row is {@code logits[from ..< from + vocabulary]}
   * @param logNormalizer log of the sum of the exponentials of the row
   */
  public void row(int row, float[] logits, int from, int vocabulary, double logNormalizer) {
    int first = row * k;
    int filled = 0;
    int whole = LANES.loopBound(vocabulary);
    for (int token = 0; token < whole; token += LANES.length()) {
      if (filled < k || FloatVector.fromArray(LANES, logits, from + token)
          .compare(VectorOperators.GT, logProbabilities[first + k - 1]).anyTrue()) {
        for (int lane = token; lane < token + LANES.length(); lane++) {
          filled = put(first, filled, lane, logits[from + lane]);
        }
      }
    }
    for (int token = whole; token < vocabulary; token++) {
      filled = put(first, filled, token, logits[from + token]);
    }
    for (int i = first; i < first + k; i++) {
      logProbabilities[i] = (float) (logProbabilities[i] - logNormalizer);
    }
    endLogProbabilities[row] = (float) (logits[from + endToken] - logNormalizer);
  }

  /** Puts a score into its place among the best, if it has one; returns how many there are. */
  private int put(int first, int filled, int token, float logit) {
    if (filled == k && logit <= logProbabilities[first + k - 1]) {
      return filled;
    }
    int place = filled < k ? filled : k - 1;
    while (place > 0 && logProbabilities[first + place - 1] < logit) {
      logProbabilities[first + place] = logProbabilities[first + place - 1];
      tokens[first + place] = tokens[first + place - 1];
      place--;
    }
    logProbabilities[first + place] = logit;
    tokens[first + place] = token;
    return Math.min(k, filled + 1);
  }

  public NextTokens nextTokens() {
    return new NextTokens(k, tokens, logProbabilities, endLogProbabilities);
  }
}
