package io.sparkformer.data;

import org.apache.spark.sql.SparkSession;

/**
 * A small local session, which all test classes share; it ends with the process.
 */
public final class SparkForTests {

  private SparkForTests() {
  }

  /** With two task slots, and few partitions after a shuffle. */
  public static SparkSession session() {
    return SparkSession.builder().master("local[2]").appName("tests").config("spark.ui.enabled", "false")
      .config("spark.driver.host", "localhost").config("spark.driver.bindAddress", "127.0.0.1")
      .config("spark.sql.shuffle.partitions", "3").getOrCreate();
  }
}
