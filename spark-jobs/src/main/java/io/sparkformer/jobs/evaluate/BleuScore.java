package io.sparkformer.jobs.evaluate;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * BLEU and its parts, which prints as sacreBLEU prints it.
 *
 * @param score 0 to 100
 * @param precisions [4] smoothed n-gram precisions of order 1 to 4, 0 to 100
 * @param brevityPenalty 1, or less when the hypotheses are shorter than the references
 * @param statistics what they were computed from
 */
public record BleuScore(double score, List<Double> precisions, double brevityPenalty, BleuStatistics statistics) {

  /** Words of the hypotheses over words of the references; 0 without references. */
  public double lengthRatio() {
    return statistics.referenceWords() == 0 ? 0 : (double) statistics.hypothesisWords() / statistics.referenceWords();
  }

  /** {@code 39.41 88.6/51.9/31.9/20.3 (BP = 0.890 ratio = 0.896 hyp_len = 2148 ref_len = 2398)}. */
  @Override
  public String toString() {
    String parts = precisions.stream().map(precision -> String.format(Locale.ROOT, "%.1f", precision)).collect(Collectors.joining("/"));
    return String.format(Locale.ROOT, "%.2f %s (BP = %.3f ratio = %.3f hyp_len = %d ref_len = %d)",
        score, parts, brevityPenalty, lengthRatio(), statistics.hypothesisWords(), statistics.referenceWords());
  }
}
