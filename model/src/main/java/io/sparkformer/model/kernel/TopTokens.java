package io.sparkformer.model.kernel;

/** Finds the k largest scores of rows, and fills a {@link NextTokens}. Of equal scores the smaller token id wins. */
public final class TopTokens {
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
    for (int token = 0; token < vocabulary; token++) {
      float logit = logits[from + token];
      if (filled == k && logit <= logProbabilities[first + k - 1]) {
        continue;
      }
      int place = filled < k ? filled++ : k - 1;
      while (place > 0 && logProbabilities[first + place - 1] < logit) {
        logProbabilities[first + place] = logProbabilities[first + place - 1];
        tokens[first + place] = tokens[first + place - 1];
        place--;
      }
      logProbabilities[first + place] = logit;
      tokens[first + place] = token;
    }
    for (int i = first; i < first + k; i++) {
      logProbabilities[i] = (float) (logProbabilities[i] - logNormalizer);
    }
    endLogProbabilities[row] = (float) (logits[from + endToken] - logNormalizer);
  }

  public NextTokens nextTokens() {
    return new NextTokens(k, tokens, logProbabilities, endLogProbabilities);
  }
}
