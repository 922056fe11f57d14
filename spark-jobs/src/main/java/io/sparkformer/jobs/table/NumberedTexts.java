package io.sparkformer.jobs.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import scala.Tuple2;

/** The texts of a file with the numbers of their rows, in a task; the file is closed at the task's end. */
final class NumberedTexts implements Iterator<Tuple2<Long, String>> {

  private final TextColumn texts;
  private long number;
  private boolean isAhead;
  private boolean isPresent;

  NumberedTexts(TextColumn texts, long first) {
    this.texts = texts;
    this.number = first;
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> close());
  }

  @Override
  public boolean hasNext() {
    if (!isAhead) {
      try {
        isPresent = texts.next();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      isAhead = true;
    }
    return isPresent;
  }

  @Override
  public Tuple2<Long, String> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    isAhead = false;
    String value = texts.value();
    return new Tuple2<>(number++, value == null ? "" : value);
  }

  private void close() {
    try {
      texts.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
