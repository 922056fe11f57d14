package io.sparkformer.model.decode;

/**
 * What a translation loses that leaves parts of its source unattended: Wu et al. 2016, equation 14,
 * {@code beta * sum_i log(min(sum_j p_ij, 1))} over the tokens i of the source, without its end token, and the tokens j of the translation,
 * with theirs.
 */
final class CoveragePenalty {
  /** A source token without any attention counts as if it had this much. */
  private static final double LEAST = 1e-6;

  private CoveragePenalty() {}

  /**
   * Of a translation, without the factor beta.
   *
   * @param attention {@code [tokens, source tokens]}, both with end tokens
   * @return 0 or less
   */
  static double of(float[][] attention) {
    double penalty = 0;
    int sources = attention.length == 0 ? 0 : attention[0].length - 1;
    for (int i = 0; i < sources; i++) {
      double covered = 0;
      for (float[] row : attention) {
        covered += row[i];
      }
      penalty += Math.log(Math.min(1, Math.max(LEAST, covered)));
    }
    return penalty;
  }
}
