package io.sparkformer.jobs.table;

import java.io.Serializable;
import java.util.List;

/**
 * A column that is computed from others.
 *
 * @param name name of the new column
 * @param kind what it holds
 */
public record AddedColumn(String name, Kind kind) implements Serializable {

  /** What the new column holds: one text, a list of texts, a list of texts with scores, a list of numbers, or one number. */
  public enum Kind { TEXT, TEXTS, SCORED_TEXTS, FLOATS, NUMBER }

  /** A value of the new column, of its kind. */
  public sealed interface Value extends Serializable permits Text, Texts, ScoredTexts, Floats, Number { }

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

  /** One number. */
  public record Number(double value) implements Value { }
}
