package io.sparkformer.jobs.table;

import java.io.Serializable;
import java.util.List;

/**
 * A column that is computed from another.
 *
 * @param source name of the column of text
 * @param name name of the new column
 * @param kind what it holds
 */
public record AddedColumn(String source, String name, Kind kind) implements Serializable {

  /** What the new column holds: one text, or a list of texts with scores. */
  public enum Kind { TEXT, SCORED_TEXTS }

  /** One of the new column's texts; a value of the column is a list of them, or {@code null}. */
  public record ScoredText(String text, double score) implements Serializable { }

  /** Gives the value for every row, in order. */
  @FunctionalInterface
  public interface Values {
    /**
     * @param source text of the row, or {@code null}
     * @return best first; {@code null} for no value
     */
    List<ScoredText> next(String source);
  }
}
