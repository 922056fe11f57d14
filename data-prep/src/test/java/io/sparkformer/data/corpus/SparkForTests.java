package io.sparkformer.data.corpus;

import org.apache.spark.sql.SparkSession;

/**
 * A small local session; the caller stops it.
 */
final class SparkForTests {

  private SparkForTests() {
  }

  static SparkSession start() {
    return SparkSession.builder().master("local[2]").appName("corpus").config("spark.ui.enabled", "false")
      .config("spark.sql.shuffle.partitions", "3").getOrCreate();
  }
}
