package io.sparkformer.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.jobs.pretrain.report.ReportPlugin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * GPU nodes as Spark sees them, without a GPU: a standalone cluster whose worker's discovery script names two devices, and executors whose
 * library path leads to the stand-in for CUDA that the model's tests have. Two workers train with a device each. Skipped without g++.
 */
class GpuClusterIT {
  private static final Path FOLDER = Path.of("target/gpu-cluster-it").toAbsolutePath();
  private static final String STAND_IN = "model/src/test/resources/io/sparkformer/model/kernel/cuda/standin/build.sh";
  private static final Path LIBRARIES = FOLDER.resolve("libraries");
  private static final Path JOB_JAR = LocalCluster.PROJECT.resolve("spark-jobs/target/sparkformer-jobs.jar");
  private static final int STEPS = 12;
  private static final long PATIENCE_SECONDS = 300;
  private static LocalCluster cluster;
  private static SparkSession spark;

  @BeforeAll
  static void startCluster() throws IOException {
    FileUtil.fullyDelete(FOLDER.toFile());
    Files.createDirectories(FOLDER);
    try {
      LocalCluster.run(List.of("g++", "--version"), Map.of());
    } catch (IOException e) {
      System.out.println("GpuClusterIT is skipped: it needs g++ (apt-get install g++)");
      Assumptions.abort("needs g++");
    }
    LocalCluster.run(List.of(STAND_IN, LIBRARIES.toString()), Map.of());
    cluster = LocalCluster.start(FOLDER.resolve("cluster"), 1, Map.of("SPARK_WORKER_OPTS", "-Dspark.worker.resource.gpu.amount=2 "
        + "-Dspark.worker.resource.gpu.discoveryScript=" + discovery()));
    spark = SparkSession.builder().master(cluster.master()).appName("gpu-cluster-test")
        .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1").config("spark.ui.enabled", "false")
        .config("spark.executor.cores", "1").config("spark.executor.memory", "512m")
        .config("spark.executor.resource.gpu.amount", "1").config("spark.task.resource.gpu.amount", "1")
        .config("spark.executorEnv.LD_LIBRARY_PATH", LIBRARIES.toString())
        .config("spark.executor.extraClassPath", JOB_JAR.toString())
        .config("spark.executor.extraJavaOptions", "-Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0"
            + " -XX:+UseSerialGC -XX:TieredStopAtLevel=1")
        .config("spark.plugins", ReportPlugin.class.getName()).config("spark.stage.maxConsecutiveAttempts", "1")
        .config("spark.network.timeout", "20s").config("spark.executor.heartbeatInterval", "1s")
        .config("spark.network.timeoutInterval", "1s").config("spark.sql.shuffle.partitions", "2")
        .getOrCreate();
    ReversedPairs.write(spark, path("data"), 300);
  }

  private static Path discovery() throws IOException {
    Path script = Files.writeString(FOLDER.resolve("discovery.sh"),
        "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"0\", \"1\"]}'\n");
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterAll
  static void stopCluster() throws IOException {
    if (cluster != null) {
      spark.stop();
      cluster.close();
    }
  }

  @Test
  void twoWorkersWithADeviceEachTrainWhatProcessorsTrainAndSurviveAKilledExecutor() throws IOException {
    finish(begin("processors", "kernels=cpu"));
    float[] expected = TrainingRun.parameters(hadoop(), path("processors"));

    String said = finish(begin("devices", "kernels=auto"));
    assertThat(said).containsPattern("CUDA kernels on device [01] \\(stand-in.*, sm_90\\), products in FLOAT32");
    float[] found = TrainingRun.parameters(hadoop(), path("devices"));
    assertClose(found, expected);

    finish(begin("local-processors", "kernels=cpu", "train.local-steps=3", "train.checkpoint.interval-steps=6"));
    finish(begin("local-devices", "train.local-steps=3", "train.checkpoint.interval-steps=6"));
    assertClose(TrainingRun.parameters(hadoop(), path("local-devices")), TrainingRun.parameters(hadoop(), path("local-processors")));

    // One worker: nothing of parameters and gradients leaves the device but checkpoints, and what decodes validation sentences is there.
    finish(begin("one", "train.workers=1", "train.validation.interval-steps=6", "train.validation.bleu-sentences=4"));
    assertClose(TrainingRun.parameters(hadoop(), path("one")), expected);
    finish(begin("one-stopped", "train.workers=1", "train.max-steps=6"));
    finish(begin("one-stopped", "train.workers=1", Pretraining.RESUME));
    assertThat(TrainingRun.parameters(hadoop(), path("one-stopped"))).isEqualTo(TrainingRun.parameters(hadoop(), path("one")));

    TrainingRun disturbed = begin("disturbed", "kernels=cuda");
    until(() -> disturbed.isDone() || disturbed.step() >= STEPS / 2);
    LocalCluster.run(List.of("kill", "-KILL", Long.toString(cluster.executors().get(0).pid())), Map.of());
    assertThat(finish(disturbed)).contains("a worker was lost: ");
    assertThat(TrainingRun.parameters(hadoop(), path("disturbed"))).as("the devices run threads in different orders").isEqualTo(found);
  }

  private static void assertClose(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i]).as("parameter %d", i).isCloseTo(expected[i], within(2e-5));
    }
  }

  /** In local mode, as a user starts it: the driver's devices serve the tasks. */
  @Test
  void translateUsesTheDriversDeviceInLocalModeOrSaysWhatIsMissing() throws IOException {
    finish(begin("model", "kernels=cpu", "train.max-steps=4"));
    Path input = Files.writeString(FOLDER.resolve("input.txt"), "w5 w9 w7\n\nw20\nw6 w6 w6 w8 w11\n");
    List<String> device = List.of("--conf", "spark.driver.resource.gpu.amount=2", "--conf",
        "spark.driver.resource.gpu.discoveryScript=" + FOLDER.resolve("discovery.sh"));
    translate(input, "by-processor.txt", List.of(), "kernels=cpu", Map.of());
    translate(input, "by-device.txt", device, "kernels=cuda", Map.of("LD_LIBRARY_PATH", LIBRARIES.toString()));
    assertThat(Files.readString(FOLDER.resolve("by-device.txt"))).isEqualTo(Files.readString(FOLDER.resolve("by-processor.txt")))
        .hasLineCount(4);
    assertThatThrownBy(() -> translate(input, "none.txt", device, "kernels=cuda", Map.of("LD_LIBRARY_PATH", "")))
        .hasMessageContaining("error: kernels = cuda cannot use device ")
        .hasMessageContaining("Needed are an NVIDIA driver of version 580");
  }

  private static void translate(Path input, String output, List<String> sparkOptions, String kernels, Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("submit-scripts/translate.sh"));
    command.addAll(sparkOptions);
    command.addAll(List.of("--", "--model", FOLDER.resolve("model").toString(), "--input", input.toString(), "--output",
        FOLDER.resolve(output).toString(), "-s", kernels, "-s", "precision=float32"));
    Map<String, String> all = new HashMap<>(environment);
    all.putAll(Map.of("SPARKFORMER_MASTER", "local[2]", "SPARKFORMER_DRIVER_MEMORY", "1g", "SPARKFORMER_LOG_DIR",
        FOLDER.resolve("logs").toString(), "SPARK_LOCAL_IP", "127.0.0.1"));
    LocalCluster.run(command, all);
  }

  private static TrainingRun begin(String output, String... assignments) {
    List<String> all = new ArrayList<>(List.of("train.workers=2", "train.max-steps=" + STEPS, "train.checkpoint.interval-steps=4",
        "train.start-timeout=90s"));
    all.addAll(List.of(assignments));
    return TrainingRun.begin(path("data"), path(output), all.toArray(String[]::new));
  }

  private static String finish(TrainingRun run) {
    assertThat(run.await(PATIENCE_SECONDS)).as(run.output()).isZero();
    return run.output();
  }

  private static void until(java.util.function.BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  private static Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }

  private static org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(FOLDER.resolve(name).toUri());
  }
}
