package io.sparkformer.jobs;

import io.sparkformer.jobs.cli.SparkStart;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A Spark session in this process that the tests of a class share; it starts before their first {@code BeforeAll}. It starts as a job's
 * session does, on a cluster that is configured to serialize with Kryo, as many are.
 */
public final class LocalSpark implements BeforeAllCallback, AfterAllCallback {
  private final int cores;
  private final Map<String, String> configuration;
  private SparkSession session;

  private LocalSpark(int cores, Map<String, String> configuration) {
    this.cores = cores;
    this.configuration = configuration;
  }

  /** With as many task slots. */
  public static LocalSpark of(int cores) {
    return new LocalSpark(cores, Map.of());
  }

  /** With as many task slots, and further configuration of Spark's. */
  public static LocalSpark of(int cores, Map<String, String> configuration) {
    return new LocalSpark(cores, configuration);
  }

  /** The session of now. */
  public SparkSession session() {
    return session;
  }

  /** Ends the session; another begins, configured alike but for its task slots. */
  public void restart(int otherCores) {
    session.stop();
    start(otherCores);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    start(cores);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    session.stop();
  }

  private void start(int slots) {
    SparkConf conf = new SparkConf().setMaster("local[" + slots + "]").set("spark.ui.enabled", "false")
        .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
    configuration.forEach(conf::set);
    session = SparkStart.session(conf, "tests");
  }
}
