package io.sparkformer.jobs.pretrain;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.sql.SparkSession;

/** A cluster of separate processes, an HDFS with prepared data, and this process as the driver of its runs. */
final class ClusterDriver implements AutoCloseable {
  /** What runs on the executors: they take it from here, as they would from a shared folder. */
  private static final Path JOB_JAR = LocalCluster.PROJECT.resolve("spark-jobs/target/sparkformer-jobs.jar");
  private static final int TRAINING_PAIRS = 300;

  private final LocalCluster cluster;
  private final MiniDFSCluster hdfs;
  private final SparkSession spark;
  private final org.apache.hadoop.fs.Path folder;

  private ClusterDriver(LocalCluster cluster, MiniDFSCluster hdfs) throws IOException {
    this.cluster = cluster;
    this.hdfs = hdfs;
    this.folder = new org.apache.hadoop.fs.Path(hdfs.getFileSystem().getUri().toString(), "/runs");
    this.spark = SparkSession.builder().master(cluster.master()).appName("cluster-test")
        .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1").config("spark.ui.port", "0")
        .config(Map.copyOf(PretrainJob.SPARK_DEFAULTS))
        // Half of the cluster: the other half is for what a test submits as a user would.
        .config("spark.cores.max", "2").config("spark.executor.cores", "1").config("spark.executor.memory", "512m")
        .config("spark.executor.extraClassPath", JOB_JAR.toString())
        .config("spark.executor.extraJavaOptions", "-Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0"
            + " -XX:+UseSerialGC -XX:TieredStopAtLevel=1")
        // An executor that is silent for so long is given up.
        .config("spark.network.timeout", "8s").config("spark.executor.heartbeatInterval", "1s")
        .config("spark.network.timeoutInterval", "1s").config("spark.sql.shuffle.partitions", "2")
        .getOrCreate();
  }

  static ClusterDriver start(Path folder) throws IOException {
    Configuration hadoop = new Configuration();
    hadoop.setInt("dfs.replication", 1);
    MiniDFSCluster hdfs = new MiniDFSCluster.Builder(hadoop, folder.resolve("hdfs").toFile()).numDataNodes(1).build();
    // Daemons often run in a locale of ASCII alone, and their executors inherit it.
    ClusterDriver driver = new ClusterDriver(LocalCluster.start(folder.resolve("cluster"), 2, Map.of("LC_ALL", "C")), hdfs);
    ReversedPairs.write(driver.spark, driver.data(), TRAINING_PAIRS);
    return driver;
  }

  /** What Prometheus reads of this process. */
  SparkGauges gauges() {
    return new SparkGauges(spark);
  }

  LocalCluster cluster() {
    return cluster;
  }

  Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }

  /** The prepared data, on HDFS. */
  org.apache.hadoop.fs.Path data() {
    return folder("data");
  }

  /** A folder on HDFS. */
  org.apache.hadoop.fs.Path folder(String name) {
    return new org.apache.hadoop.fs.Path(folder, name);
  }

  @Override
  public void close() throws IOException {
    spark.stop();
    cluster.close();
    hdfs.shutdown(true);
  }
}
