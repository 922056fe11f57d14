package io.sparkformer.jobs.sentence;

import java.util.List;

/**
 * What a task works on.
 *
 * @param number of the line or of the row, from 0
 * @param texts of the line, one, or of the row's columns; empty text for a null
 */
public record Sentence(long number, List<String> texts) {

  public Sentence {
    texts = List.copyOf(texts);
  }

  /** With one text. */
  public Sentence(long number, String text) {
    this(number, List.of(text));
  }

  /** The first text. */
  public String text() {
    return texts.get(0);
  }
}
