package io.sparkformer.data.corpus;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Pairs that passed the rules. Closing it frees the persisted table.
 *
 * @param pairs persisted table of {@link ParallelText#LINE}, {@link ParallelText#SOURCE}, {@link ParallelText#TARGET}; normalized text
 * @param report what was dropped
 */
public record CleanedText(Dataset<Row> pairs, CleaningReport report) implements AutoCloseable {

  @Override
  public void close() {
    pairs.unpersist();
  }
}
