package io.sparkformer.jobs.cli;

import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Starts a job's Spark session: what spark-submit was told, and what a job on one machine needs besides. */
final class SparkStart {
  private SparkStart() {
  }

  static SparkSession session(String jobName) {
    var conf = new SparkConf();
    conf.setIfMissing("spark.app.name", "sparkformer " + jobName);
    conf.setIfMissing("spark.master", "local[*]");
    // Spark's own progress bar would overwrite our progress lines.
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    if (conf.get("spark.master").startsWith("local")) {
      // Spark would end this process where a task ran out of memory or stack, without a word to the person.
      conf.setIfMissing("spark.executor.killOnFatalError.depth", "0");
      // One machine needs no network, and must not depend on its host name having an address.
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
      conf.setIfMissing("spark.driver.host", "localhost");
    }
    return SparkSession.builder().config(conf).getOrCreate();
  }
}
