package io.sparkformer.data.corpus;

import java.io.Serializable;

/**
 * What is wrong with a line, if anything.
 */
@FunctionalInterface
interface LineCheck extends Serializable {

  /** Accepts every text. */
  LineCheck ANY_TEXT = line -> null;

  /**
   * @return what is wrong and how to fix it; {@code null} if nothing is
   */
  String problem(String line);

  /**
   * Accepts lines with at least so many tab-separated columns, and lines without text.
   */
  static LineCheck columns(int needed) {
    return line -> {
      long found = 1 + line.chars().filter(character -> character == '\t').count();
      return found >= needed || line.isBlank() ? null
        : "has " + found + (found == 1 ? " tab-separated column, " : " tab-separated columns, ") + needed
          + " needed; fix the line, or set tsv.source-column and tsv.target-column";
    };
  }
}
