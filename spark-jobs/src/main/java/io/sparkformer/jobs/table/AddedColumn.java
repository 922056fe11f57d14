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

  /** What the new column holds: one text, a list of texts, a list of texts with scores, or a list of numbers. */
  public enum Kind { TEXT, TEXTS, SCORED_TEXTS, FLOATS }

  /** A value of the new column, of its kind. */
  public sealed interface Value extends Serializable permits Text, Texts, ScoredTexts, Floats { }

  /** One text. */
  public record Text(String text) implements Value { }

  /** Texts, in order. */
  public record Texts(List<String> texts) implements Value { }

  /** Texts with scores, best first. */
  public record ScoredTexts(List<ScoredText> texts) implements Value { }

  /** One of {@link ScoredTexts}. */
  public record ScoredText(String text, double score) implements Serializable { }

  /** Numbers, in order. */
  public record Floats(float[] values) implements Value { }

  /** Gives the value for every row, in order. */
  @FunctionalInterface
  public interface Values {
    /**
     * @param source text of the row, or {@code null}
     * @return {@code null} for no value
     */
    Value next(String source);
  }
}
