package io.sparkformer.jobs.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import scala.Tuple2;

/** The source values of a file with the numbers of their rows, in a task; the file is closed at the task's end. */
final class NumberedRows implements Iterator<Tuple2<Long, String[]>> {

  private final SourceRows rows;
  private long number;
  private boolean isAhead;
  private boolean isPresent;

  NumberedRows(SourceRows rows, long first) {
    this.rows = rows;
    this.number = first;
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> close());
  }

  @Override
  public boolean hasNext() {
    if (!isAhead) {
      try {
        isPresent = rows.next();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      isAhead = true;
    }
    return isPresent;
  }

  @Override
  public Tuple2<Long, String[]> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    isAhead = false;
    return new Tuple2<>(number++, rows.values());
  }

  private void close() {
    try {
      rows.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
