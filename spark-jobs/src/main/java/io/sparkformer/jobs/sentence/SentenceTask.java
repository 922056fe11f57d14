package io.sparkformer.jobs.sentence;

import io.sparkformer.jobs.table.AddedColumn;
import java.io.Serializable;
import java.util.List;

/** What is made of sentences; sent to the executors. */
public interface SentenceTask<T> extends Serializable {

  /** One result for each sentence of a window, in their order. */
  List<T> run(List<Sentence> sentences);

  /** The lines of a result in a text. */
  List<String> lines(SentenceResult<T> result);

  /** The values of a result in a table's new columns, one for each; {@code null} for none. */
  List<AddedColumn.Value> values(T result);
}
