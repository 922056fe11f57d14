package io.sparkformer.jobs.cli;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.device.GpuResources;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a job's Spark session: what spark-submit was told, and what our jobs need besides, on one machine or on a cluster. */
public final class SparkStart {
  private static final Logger LOG = LoggerFactory.getLogger(SparkStart.class);
  private static final String APPLICATION_NAME = "spark.app.name";
  private static final String OWN_CLASSES = "io.sparkformer.";
  private static final String SERIALIZER = "spark.serializer";
  private static final String JAVA_SERIALIZER = JavaSerializer.class.getName();

  private SparkStart() {
  }

  static SparkSession session(String jobName) {
    return session(new SparkConf(), jobName);
  }

  /**
   * The session that is there, or a new one.
   *
   * @param conf what spark-submit was told
   * @throws InvalidInputException if Spark could not start with it, or if the session that is there cannot run our jobs
   */
  public static SparkSession session(SparkConf conf, String jobName) {
    // Where nobody has named the application, spark-submit calls it by its main class.
    if (conf.get(APPLICATION_NAME, OWN_CLASSES).startsWith(OWN_CLASSES)) {
      conf.set(APPLICATION_NAME, "sparkformer " + jobName);
    }
    conf.setIfMissing("spark.master", "local[*]");
    // Spark's own progress bar would overwrite our progress lines.
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    // Tasks of SQL queries get the files that the job hands to its executors (SpooledInput) only without it.
    conf.set("spark.sql.artifact.isolation.enabled", "false");
    setLocale(conf);
    if (conf.get("spark.master").startsWith("local")) {
      // Spark would end this process where a task ran out of memory or stack, without a word to the person.
      conf.setIfMissing("spark.executor.killOnFatalError.depth", "0");
      // One machine needs no network, and must not depend on its host name having an address.
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
      conf.setIfMissing("spark.driver.host", "localhost");
    }
    setSerializer(conf);
    requireLocalFolder(conf);
    GpuResources.requireUsable(conf);
    SparkSession session = SparkSession.builder().config(conf).getOrCreate();
    requireSerializer(session);
    return session;
  }

  /**
   * Java names files in the encoding of the locale. Executors that a daemon started in the locale C could not find a name that this process
   * can spell, and would replace its characters by question marks.
   */
  private static void setLocale(SparkConf conf) {
    if (StandardCharsets.UTF_8.name().equals(System.getProperty("sun.jnu.encoding"))) {
      conf.setIfMissing("spark.executorEnv.LC_ALL", "C.UTF-8");
    }
  }

  /** What our tasks return are Java records, which Kryo cannot read. The rows of tables have a serializer of their own in any case. */
  private static void setSerializer(SparkConf conf) {
    String configured = conf.get(SERIALIZER, JAVA_SERIALIZER);
    if (!configured.equals(JAVA_SERIALIZER)) {
      LOG.info("{} is {} for this job, not {}: that one cannot read Java records", SERIALIZER, JAVA_SERIALIZER, configured);
      conf.set(SERIALIZER, JAVA_SERIALIZER);
    }
  }

  private static void requireSerializer(SparkSession session) {
    String found = session.sparkContext().conf().get(SERIALIZER, JAVA_SERIALIZER);
    if (!found.equals(JAVA_SERIALIZER)) {
      throw new InvalidInputException("This process has a Spark session already, with " + SERIALIZER + " = " + found
          + ", which cannot read Java records; start that session with " + SERIALIZER + " = " + JAVA_SERIALIZER);
    }
  }

  /** Where no folder for temporary files can be written, Spark would end the process without an error. */
  private static void requireLocalFolder(SparkConf conf) {
    List<String> folders = List.of(Utils.getConfiguredLocalDirs(conf));
    if (folders.stream().noneMatch(SparkStart::isWritable)) {
      throw new InvalidInputException("Spark has no folder for temporary files: cannot write " + String.join(", ", folders)
          + "; name another one with --conf spark.local.dir=FOLDER, or with the environment variable SPARK_LOCAL_DIRS if that is set");
    }
  }

  private static boolean isWritable(String folder) {
    File file = new File(folder);
    return (file.isDirectory() || file.mkdirs()) && file.canWrite();
  }
}
