package io.sparkformer.jobs.translate;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import scala.Tuple2;

/** The translations of numbered sentences, with the same numbers in the same order. */
final class NumberedTranslations implements Iterator<Tuple2<Long, Translation>> {

  /** Numbers of sentences that were read and not yet returned. */
  private final Queue<Long> numbers = new ArrayDeque<>();
  private final Iterator<Translation> translations;

  NumberedTranslations(TranslationTask task, Iterator<Tuple2<Long, String>> sentences) {
    this.translations = task.translate(new Iterator<String>() {
      @Override
      public boolean hasNext() {
        return sentences.hasNext();
      }

      @Override
      public String next() {
        Tuple2<Long, String> sentence = sentences.next();
        numbers.add(sentence._1);
        return sentence._2;
      }
    });
  }

  @Override
  public boolean hasNext() {
    return translations.hasNext();
  }

  @Override
  public Tuple2<Long, Translation> next() {
    Translation translation = translations.next();
    return new Tuple2<>(numbers.remove(), translation);
  }
}
