package io.sparkformer.jobs.evaluate;

import java.io.Serializable;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * chrF2 of a corpus against one reference for each segment (Popović 2015 and 2016, "chrF: character n-gram F-score"), with
 * sacreBLEU's defaults: n-grams of 1 to 6 characters, no words, whitespace left out, recall weighted twice (beta 2).
 *
 * <p>Precision and recall are averaged over the orders that have n-grams on both sides (effective order), then combined. A character
 * is a Unicode code point.
 *
 * @param casing whether case counts
 */
public record ChrF(Casing casing) implements Serializable {

  /** chrF2 as papers report it: case counts. */
  public static final ChrF STANDARD = new ChrF(Casing.MIXED);

  private static final int ORDERS = 6;
  private static final double BETA_SQUARED = 4;

  /** What makes two scores comparable: {@code nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:sparkformer-0.1.0}. */
  public String signature() {
    return "nrefs:1|case:" + casing.signature() + "|eff:yes|nc:6|nw:0|space:no|version:" + MetricVersion.TEXT;
  }

  /** The statistics of one segment; either side may be empty. */
  public ChrFStatistics statistics(String hypothesis, String reference) {
    int[] hypothesisCharacters = Whitespace.remove(casing.apply(hypothesis));
    int[] referenceCharacters = Whitespace.remove(casing.apply(reference));
    List<Long> hypothesisGrams = new ArrayList<>(ORDERS);
    List<Long> referenceGrams = new ArrayList<>(ORDERS);
    List<Long> matches = new ArrayList<>(ORDERS);
    for (int order = 1; order <= ORDERS; order++) {
      long inReference = Math.max(0, referenceCharacters.length - order + 1);
      long inHypothesis = Math.max(0, hypothesisCharacters.length - order + 1);
      hypothesisGrams.add(inReference == 0 ? 0 : inHypothesis);
      referenceGrams.add(inReference);
      matches.add(Counts.common(ngrams(hypothesisCharacters, order), ngrams(referenceCharacters, order)));
    }
    return new ChrFStatistics(hypothesisGrams, referenceGrams, matches);
  }

  /** The score of a corpus, 0 to 100, from the sum of its segments' statistics. */
  public double score(ChrFStatistics statistics) {
    double precision = 0;
    double recall = 0;
    int effectiveOrders = 0;
    for (int i = 0; i < ORDERS; i++) {
      long hypothesisGrams = statistics.hypothesisGrams().get(i);
      long referenceGrams = statistics.referenceGrams().get(i);
      if (hypothesisGrams > 0 && referenceGrams > 0) {
        precision += (double) statistics.matches().get(i) / hypothesisGrams;
        recall += (double) statistics.matches().get(i) / referenceGrams;
        effectiveOrders++;
      }
    }
    if (precision + recall == 0) {
      return 0;
    }
    precision /= effectiveOrders;
    recall /= effectiveOrders;
    return 100 * (1 + BETA_SQUARED) * precision * recall / (BETA_SQUARED * precision + recall);
  }

  /** Keyed by buffers, which compare by content. */
  private static Map<IntBuffer, Integer> ngrams(int[] characters, int order) {
    Map<IntBuffer, Integer> counts = new HashMap<>();
    for (int start = 0; start + order <= characters.length; start++) {
      counts.merge(IntBuffer.wrap(characters, start, order), 1, Integer::sum);
    }
    return counts;
  }
}
