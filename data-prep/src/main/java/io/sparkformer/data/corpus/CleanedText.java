package io.sparkformer.data.corpus;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Pairs that passed the rules. Close it to give the memory back.
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
