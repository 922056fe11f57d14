package io.sparkformer.data.corpus;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many pairs came in, how many stayed, and which rule dropped the others.
 *
 * @param read pairs read from the files
 * @param kept pairs that passed every rule
 * @param dropped pairs dropped, by the name of the rule, in the order in which the rules apply; rules that dropped nothing included
 */
public record CleaningReport(long read, long kept, Map<String, Long> dropped) {

  /**
   * @throws IllegalArgumentException if the numbers do not add up
   */
  public CleaningReport {
    dropped = Collections.unmodifiableMap(new LinkedHashMap<>(dropped));
    long sum = kept + dropped.values().stream().mapToLong(Long::longValue).sum();
    if (sum != read) {
      throw new IllegalArgumentException(
        "Cleaning report does not add up: read=" + read + ", kept=" + kept + ", dropped=" + dropped);
    }
  }

  /**
   * This report after one more rule, which stands last.
   *
   * @param rule name of the rule
   * @param pairs how many of the kept pairs it dropped
   */
  public CleaningReport thenDropped(String rule, long pairs) {
    Map<String, Long> longer = new LinkedHashMap<>(dropped);
    longer.merge(rule, pairs, Long::sum);
    return new CleaningReport(read, kept - pairs, longer);
  }
}
