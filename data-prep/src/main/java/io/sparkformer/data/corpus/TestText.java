package io.sparkformer.data.corpus;

import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The runs of 13 words of test text, which must not occur in training text (Brown et al. 2020, appendix C). The driver and every task hold
 * 8 bytes for each word of the test text.
 */
final class TestText implements Serializable {

  private static final long serialVersionUID = 1L;

  static final int RUN_WORDS = 13;

  /** Sorted. */
  private final long[] runs;

  private TestText(long[] runs) {
    this.runs = runs;
  }

  /** The runs of some texts. */
  static TestText of(String... texts) {
    return new TestText(Arrays.stream(texts).flatMapToLong(text -> LongStream.of(Shingles.of(text, RUN_WORDS))).sorted().distinct()
      .toArray());
  }

  /** The runs of all documents in some files. */
  static TestText read(SparkSession spark, DocumentText files) {
    return of(files.read(spark).select(DocumentText.TEXT).na().drop().collectAsList().stream().map((Row row) -> row.getString(0))
      .toArray(String[]::new));
  }

  /** Whether one of these runs occurs in a text. */
  boolean occursIn(String text) {
    return LongStream.of(Shingles.of(text, RUN_WORDS)).anyMatch(run -> Arrays.binarySearch(runs, run) >= 0);
  }
}
