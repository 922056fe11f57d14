package io.sparkformer.data.corpus;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How many pairs or documents came in, how many stayed, and which rule dropped the others.
 *
 * @param read what was read from the files
 * @param kept what passed every rule
 * @param dropped what was dropped, by the name of the rule, in the order in which the rules apply; rules that dropped nothing included
 * @param removedLines lines that were removed from documents, by the name of the rule; null, as in earlier manifests, is none
 */
public record CleaningReport(long read, long kept, Map<String, Long> dropped,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Long> removedLines) {

  /** Without rules for lines. */
  public CleaningReport(long read, long kept, Map<String, Long> dropped) {
    this(read, kept, dropped, Map.of());
  }

  /**
   * @throws IllegalArgumentException if the numbers do not add up
   */
  public CleaningReport {
    dropped = Collections.unmodifiableMap(new LinkedHashMap<>(dropped));
    removedLines = removedLines == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(removedLines));
    long sum = kept + dropped.values().stream().mapToLong(Long::longValue).sum();
    if (sum != read) {
      throw new IllegalArgumentException(
        "Cleaning report does not add up: read=" + read + ", kept=" + kept + ", dropped=" + dropped);
    }
  }

  /** The rules that dropped anything, each with its count: {@code empty 3, duplicate 17}; {@code none}. */
  public String droppedText() {
    return text(dropped);
  }

  /** The rules that removed lines, each with its count: {@code c4-line-words 31}; {@code none}. */
  public String removedLinesText() {
    return text(removedLines);
  }

  private static String text(Map<String, Long> counts) {
    String rules = counts.entrySet().stream().filter(rule -> rule.getValue() > 0)
      .map(rule -> String.format(Locale.ROOT, "%s %,d", rule.getKey(), rule.getValue())).collect(Collectors.joining(", "));
    return rules.isEmpty() ? "none" : rules;
  }

  /**
   * This report after one more rule, which stands last.
   *
   * @param rule name of the rule
   * @param count how many of the kept it dropped
   */
  public CleaningReport thenDropped(String rule, long count) {
    Map<String, Long> longer = new LinkedHashMap<>(dropped);
    longer.merge(rule, count, Long::sum);
    return new CleaningReport(read, kept - count, longer, removedLines);
  }
}
