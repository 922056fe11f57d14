package io.sparkformer.jobs.table;

import java.io.Serializable;

/**
 * A column that is read.
 *
 * @param content what it may hold
 */
public record SourceColumn(String name, Content content) implements Serializable {

  /** What a column may hold. */
  public enum Content {
    /** Text alone. */
    TEXT,
    /** Text, numbers or truth values, each read as text. */
    SCALAR
  }

  /** A column of text. */
  public static SourceColumn text(String name) {
    return new SourceColumn(name, Content.TEXT);
  }

  /** A column of text, numbers or truth values. */
  public static SourceColumn scalar(String name) {
    return new SourceColumn(name, Content.SCALAR);
  }

  boolean isText() {
    return content == Content.TEXT;
  }
}
