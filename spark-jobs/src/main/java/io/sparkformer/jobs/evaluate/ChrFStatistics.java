package io.sparkformer.jobs.evaluate;

import java.io.Serializable;
import java.util.List;

/**
 * Sufficient statistics of chrF for a set of segments; statistics of disjoint sets add up, in any order and grouping.
 *
 * @param hypothesisGrams [6] character n-grams of order 1 to 6 of the hypotheses, of segments whose reference has n-grams of that order
 * @param referenceGrams [6] of the references
 * @param matches [6] of both, each n-gram as often as both sides of a segment have it
 */
public record ChrFStatistics(List<Long> hypothesisGrams, List<Long> referenceGrams, List<Long> matches) implements Serializable {

  /** Of no segment at all. */
  public static final ChrFStatistics NONE =
      new ChrFStatistics(List.of(0L, 0L, 0L, 0L, 0L, 0L), List.of(0L, 0L, 0L, 0L, 0L, 0L), List.of(0L, 0L, 0L, 0L, 0L, 0L));

  /** Copies the lists. */
  public ChrFStatistics {
    hypothesisGrams = List.copyOf(hypothesisGrams);
    referenceGrams = List.copyOf(referenceGrams);
    matches = List.copyOf(matches);
  }

  /** Of these and those segments together. */
  public ChrFStatistics plus(ChrFStatistics that) {
    return new ChrFStatistics(Counts.sum(hypothesisGrams, that.hypothesisGrams),
        Counts.sum(referenceGrams, that.referenceGrams), Counts.sum(matches, that.matches));
  }
}
