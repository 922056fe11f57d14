package io.sparkformer.jobs.prepare;

import io.sparkformer.data.corpus.CleanedText;
import org.apache.spark.sql.SparkSession;

/** Text that can be read and cleaned: pairs or documents. */
interface Corpus {

  /** The files, for messages. */
  String files();

  /** About how many bytes of text there are, decompressed. */
  long estimatedBytes();

  /**
   * Reads and cleans.
   *
   * @throws io.sparkformer.data.InvalidInputException if the text cannot be read, or if nothing is left of it
   */
  CleanedText clean(SparkSession spark);
}
