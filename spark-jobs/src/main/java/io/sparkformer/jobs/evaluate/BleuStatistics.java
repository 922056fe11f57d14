package io.sparkformer.jobs.evaluate;

import java.io.Serializable;
import java.util.List;

/**
 * Sufficient statistics of BLEU for a set of segments; statistics of disjoint sets add up, in any order and grouping.
 *
 * @param hypothesisWords words of the hypotheses
 * @param referenceWords words of the references
 * @param matches [4] n-grams of order 1 to 4 that a hypothesis shares with its reference, each at most as often as it occurs there
 * @param totals [4] n-grams of the hypotheses
 */
public record BleuStatistics(long hypothesisWords, long referenceWords, List<Long> matches, List<Long> totals)
    implements Serializable {

  /** Of no segment at all. */
  public static final BleuStatistics NONE = new BleuStatistics(0, 0, List.of(0L, 0L, 0L, 0L), List.of(0L, 0L, 0L, 0L));

  /** Copies the lists. */
  public BleuStatistics {
    matches = List.copyOf(matches);
    totals = List.copyOf(totals);
  }

  /** Of these and those segments together. */
  public BleuStatistics plus(BleuStatistics that) {
    return new BleuStatistics(hypothesisWords + that.hypothesisWords, referenceWords + that.referenceWords,
        Counts.sum(matches, that.matches), Counts.sum(totals, that.totals));
  }
}
