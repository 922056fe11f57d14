package io.sparkformer.data.corpus;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Pairs or documents that passed the rules. Closing it frees the persisted table.
 *
 * @param text persisted table of normalized text, with the columns of {@link ParallelText} or {@link DocumentText}
 * @param report what was dropped
 */
public record CleanedText(Dataset<Row> text, CleaningReport report) implements AutoCloseable {

  @Override
  public void close() {
    text.unpersist();
  }
}
