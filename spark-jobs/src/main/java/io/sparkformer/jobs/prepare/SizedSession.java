package io.sparkformer.jobs.prepare;

import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * A session whose shuffles have as many partitions as fit the size of the text and the number of cores. Spark's own 200 cost a small corpus
 * on one
 * machine far more than its work: every task then opens 200 files.
 */
final class SizedSession {

  private static final String SHUFFLE_PARTITIONS = "spark.sql.shuffle.partitions";
  private static final long PARTITION_BYTES = 16L << 20;

  private SizedSession() {
  }

  /**
   * A session of the same application, for text of about so many bytes. A number of partitions that the user has set stays.
   */
  static SparkSession of(SparkSession spark, long textBytes) {
    SparkContext context = spark.sparkContext();
    SparkSession sized = spark.newSession();
    if (context.getConf().contains(SHUFFLE_PARTITIONS)) {
      sized.conf().set(SHUFFLE_PARTITIONS, context.getConf().get(SHUFFLE_PARTITIONS));
    } else {
      sized.conf().set(SHUFFLE_PARTITIONS, partitions(textBytes, context.defaultParallelism()));
    }
    return sized;
  }

  /** One for each core, more if the text is large. */
  static int partitions(long textBytes, int cores) {
    return (int) Math.min(Integer.MAX_VALUE, Math.max(cores, 1 + textBytes / PARTITION_BYTES));
  }
}
