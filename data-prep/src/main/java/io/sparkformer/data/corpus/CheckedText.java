package io.sparkformer.data.corpus;

import java.util.Set;

/**
 * A document without the lines that some rules remove.
 *
 * @param text the lines that are left; null where there was no text
 * @param removed how many lines each rule removed, by its ordinal
 */
record CheckedText(String text, long[] removed) {

  /** @param text normalized; null for none */
  static CheckedText of(String text, Set<LineRule> rules) {
    long[] removed = new long[LineRule.values().length];
    if (text == null || rules.isEmpty()) {
      return new CheckedText(text, removed);
    }
    StringBuilder left = new StringBuilder(text.length());
    text.lines().forEach(line -> {
      LineRule broken = line.isBlank() ? null : rules.stream().filter(rule -> rule.removes(line.strip())).findFirst().orElse(null);
      if (broken == null) {
        left.append(line).append('\n');
      } else {
        removed[broken.ordinal()]++;
      }
    });
    return new CheckedText(left.toString().strip(), removed);
  }
}
