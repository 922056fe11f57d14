package io.sparkformer.jobs.sentence;

/** What was made of a sentence. */
public record SentenceResult<T>(Sentence of, T value) {

  /** Number of the sentence, from 0. */
  public long number() {
    return of.number();
  }

  /** Its text. */
  public String sentence() {
    return of.text();
  }
}
