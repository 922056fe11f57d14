package io.sparkformer.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.jobs.pretrain.report.MetricsLog;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Training on a real standalone cluster of separate processes, with data and checkpoints on a real HDFS: it computes what one process
 * computes, and goes on after every fault. {@code sparkformer.fault.rounds} says how often each fault is caused, at moments that are a
 * function of {@code sparkformer.fault.seed}; submit-scripts/fault-campaign.sh sets both.
 */
class ClusterIT {
  private static final int ROUNDS = Integer.getInteger("sparkformer.fault.rounds", 1);
  private static final long SEED = seed();
  private static final Path FOLDER = Path.of("target/cluster-it").toAbsolutePath();
  private static final List<String> TABLE = new ArrayList<>();
  private static ClusterDriver driver;
  private static float[] calm;
  /** Of the undisturbed run, read last before its end. */
  private static Map<String, Double> gauges;

  @BeforeAll
  static void startCluster() throws IOException {
    FileUtil.fullyDelete(FOLDER.toFile());
    Files.createDirectories(FOLDER);
    driver = ClusterDriver.start(FOLDER);
    TrainingRun undisturbed = Fault.Scene.begin(driver, driver.folder("calm"));
    gauges = driver.gauges().readUntilTheEnd(undisturbed);
    run("calm", undisturbed);
    calm = TrainingRun.parameters(driver.hadoop(), driver.folder("calm"));
    run("half", Fault.Scene.begin(driver, driver.folder("half"), "train.max-steps=" + Fault.Scene.STEPS / 2));
    TABLE.add("fault                     rounds  struck  workers lost  equal to the undisturbed run  longest run");
  }

  @AfterAll
  static void stopCluster() throws IOException {
    try {
      System.out.println("faults at random moments, seed " + SEED + "\n" + String.join("\n", TABLE));
      Files.write(FOLDER.resolveSibling("fault-campaign.txt"), TABLE);
    } finally {
      driver.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyRunEndsLikeTheUndisturbedOne(Fault fault) throws IOException {
    int struck = 0;
    long losses = 0;
    int equal = 0;
    double longest = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      org.apache.hadoop.fs.Path output = driver.folder(fault + "-" + round);
      Fault.Scene scene = new Fault.Scene(driver, output, new Random(SEED * 1_000_003 + fault.ordinal() * 1009L + round));
      fault.strike(scene);
      struck += scene.wasHit() ? 1 : 0;
      losses += scene.losses();
      float[] found = TrainingRun.parameters(driver.hadoop(), output);
      assertThat(found).as("%s, round %d", fault, round).isEqualTo(calm);
      // No example was lost or seen twice: the same place in the data after the same number of tokens.
      assertThat(TrainingRun.state(driver.hadoop(), output)).isEqualTo(TrainingRun.state(driver.hadoop(), driver.folder("calm")));
      equal++;
      double seconds = (System.nanoTime() - start) / 1e9;
      longest = Math.max(longest, seconds);
      System.out.printf(Locale.ROOT, "%s, round %d: at step %d or later, workers lost %d, equal, %.1f s%n", fault, round + 1, scene.moment,
          scene.losses(), seconds);
      output.getFileSystem(driver.hadoop()).delete(output, true);
    }
    TABLE.add(String.format(Locale.ROOT, "%-24s  %6d  %6d  %12d  %28d  %9.1f s", fault.name().toLowerCase(Locale.ROOT).replace('_', ' '),
        ROUNDS, struck, losses, equal, longest));
    assertThat(struck).as("rounds in which the fault came in time").isEqualTo(ROUNDS);
  }

  @Test
  void twoExecutorsOnALocalFolderOrHdfsTrainWhatOneProcessTrains() throws IOException {
    Path data = FOLDER.resolve("data");
    FileUtil.copy(driver.data().getFileSystem(driver.hadoop()), driver.data(), FileSystem.getLocal(new Configuration()), path(data), false,
        driver.hadoop());
    int steps = Fault.Scene.STEPS;
    submit("local[2]", TrainingRun.arguments(path(data), path(FOLDER.resolve("one-process")), "train.workers=2",
        "train.max-steps=" + steps)).await();
    float[] one = TrainingRun.parameters(new Configuration(), path(FOLDER.resolve("one-process")));
    assertSame(calm, one);

    // Relative paths, as a user types them; the executors run in other folders.
    Submitted terminated = submit(driver.cluster().master(), TrainingRun.arguments(relative(data), relative(FOLDER.resolve("two")),
        "train.workers=2", "train.max-steps=" + steps));
    terminated.awaitStep(10, FOLDER.resolve("two"));
    terminated.process().destroy();
    assertThat(terminated.status()).isEqualTo(143);
    long left = TrainingRun.state(new Configuration(), path(FOLDER.resolve("two"))).step();
    assertThat(left).isBetween(10L, (long) steps);
    assertThat(terminated.printed()).contains(left < steps ? "stopped on request after step " + left : "steps reached");
    run("resumed", TrainingRun.begin(path(data), path(FOLDER.resolve("two")), "train.workers=2", "train.max-steps=" + steps,
        Pretraining.RESUME));
    assertThat(TrainingRun.parameters(new Configuration(), path(FOLDER.resolve("two")))).isEqualTo(calm);
  }

  @Test
  void prometheusReadsOfTheDriverWhereARunOnTheClusterStands() {
    assertThat(gauges).containsOnlyKeys(SparkGauges.NAMES);
    assertThat(gauges.get("step")).isBetween(1.0, (double) Fault.Scene.STEPS);
    assertThat(gauges.get("loss")).isBetween(1.0, 6.0);
    assertThat(gauges.get("targetTokensPerSecond")).isPositive();
    assertThat(gauges.get("waitingShare")).isBetween(0.0, 1.0);
    assertThat(gauges.get("skippedSteps")).isZero();
    // Nobody disturbs the run, but on a busy machine a worker may be given up for lost.
    assertThat(gauges.get("restarts")).isBetween(0.0, 2.0);
    assertThat(gauges.get("checkpointAgeSeconds")).isBetween(0.0, (double) Fault.Scene.PATIENCE_SECONDS);
  }

  @Test
  void executorsInAnAsciiLocaleFindNamesWithUmlauts() throws IOException {
    // A shell names the file, since the locale of this Java may be one of ASCII too.
    String printed = LocalCluster.run(List.of("bash", "-c", "text=$0/$(printf '\\303\\234bung.txt'); "
        + "echo 'Worte eines langen Satzes' >\"$text\"; submit-scripts/evaluate.sh --conf spark.cores.max=1 --executor-memory 512m -- "
        + "--hypotheses \"$text\" --references \"$text\"", FOLDER.toString()), Map.of("SPARKFORMER_MASTER", driver.cluster().master(),
        "SPARKFORMER_DRIVER_MEMORY", "512m", "SPARKFORMER_LOG_DIR", FOLDER.toString(), "LC_ALL", "C"));
    assertThat(printed).contains(" = 100.00 ");
  }

  @Test
  void aMissingShardIsAnErrorAtOnce() throws IOException {
    FileSystem fileSystem = driver.data().getFileSystem(driver.hadoop());
    org.apache.hadoop.fs.Path copy = driver.folder("data-with-a-hole");
    FileUtil.copy(fileSystem, driver.data(), fileSystem, copy, false, driver.hadoop());
    fileSystem.delete(new org.apache.hadoop.fs.Path(copy, "train/shard-00001.parquet"), false);
    TrainingRun run = TrainingRun.begin(copy, driver.folder("hole"), "train.workers=2");
    assertThat(run.await(60)).isEqualTo(1);
    assertThat(run.output()).contains("error: Missing shard " + copy + "/train/shard-00001.parquet").doesNotContain("lost");
  }

  @Test
  void aFailureThatWouldHappenAgainEndsTheRunAtOnceThoughSparkKeepsNoneOfItsType() {
    TrainingRun run = TrainingRun.begin(driver.data(), driver.folder("diverging"), "train.workers=2", "train.max-steps=40",
        "train.learning-rate.schedule=constant", "train.learning-rate.peak=1e30", "train.learning-rate.warmup-steps=0");
    assertThat(run.await(Fault.Scene.PATIENCE_SECONDS)).isEqualTo(1);
    assertThat(run.output()).containsPattern("error: step \\d+: 5 steps in a row had a loss or gradient that is not finite")
        .doesNotContain("going on from the last checkpoint");
  }

  @Test
  void tooFewSlotsAreAnErrorThatSaysWhatToChange() {
    TrainingRun run = TrainingRun.begin(driver.data(), driver.folder("crowd"), "train.workers=3", "train.start-timeout=2s");
    assertThat(run.await(60)).isEqualTo(1);
    assertThat(run.output()).contains("waiting for 3 task slots").contains("error: train.workers is 3, but Spark has ")
        .contains("task slots after 2.0 s (train.start-timeout); lower it, or give more cores");
  }

  private static void run(String name, TrainingRun run) {
    assertThat(run.await(Fault.Scene.PATIENCE_SECONDS)).as(name + ": " + run.output()).isZero();
  }

  private static void assertSame(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i]).as("parameter %d", i).isCloseTo(expected[i], within(2e-5));
    }
  }

  private static org.apache.hadoop.fs.Path path(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }

  private static org.apache.hadoop.fs.Path relative(Path path) {
    return new org.apache.hadoop.fs.Path(LocalCluster.PROJECT.relativize(path).toString());
  }

  private static long seed() {
    long seed = Long.getLong("sparkformer.fault.seed", 1);
    return seed == 0 ? System.nanoTime() : seed;
  }

  /** A run of pretrain.sh, as a user starts it. */
  private record Submitted(Process process, Path output, Path errors) {
    String printed() throws IOException {
      return Files.readString(output) + Files.readString(errors);
    }

    int status() throws IOException {
      try {
        if (!process.waitFor(Fault.Scene.PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new AssertionError("pretrain.sh hangs; it has printed:\n" + printed());
        }
        return process.exitValue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    void await() throws IOException {
      assertThat(status()).as(printed()).isZero();
    }

    /** Waits until the metrics in a local output folder have this step. */
    void awaitStep(int step, Path folder) throws IOException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Fault.Scene.PATIENCE_SECONDS);
      while (!metrics(folder).contains("\"step\":" + step + ",")) {
        assertThat(process.isAlive() && System.nanoTime() < end).as(printed()).isTrue();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
  }

  private static String metrics(Path output) throws IOException {
    Path folder = output.resolve(MetricsLog.FOLDER);
    if (!Files.exists(folder)) {
      return "";
    }
    StringBuilder lines = new StringBuilder();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jsonl")) {
      for (Path file : files) {
        lines.append(Files.readString(file));
      }
    }
    return lines.toString();
  }

  private static Submitted submit(String master, List<String> arguments) throws IOException {
    Path output = Files.createTempFile(FOLDER, "submitted", ".txt");
    Path errors = Files.createTempFile(FOLDER, "submitted", ".txt");
    List<String> command = new ArrayList<>(List.of("submit-scripts/pretrain.sh"));
    command.addAll(List.of("--executor-cores", "1", "--total-executor-cores", "2", "--executor-memory", "512m", "--"));
    command.addAll(arguments);
    Process process = LocalCluster.start(command, Map.of("SPARKFORMER_MASTER", master, "SPARKFORMER_DRIVER_MEMORY", "1g",
        "SPARKFORMER_LOG_DIR", FOLDER.resolve("logs").toString(), "SPARK_LOCAL_IP", "127.0.0.1"), output, errors);
    return new Submitted(process, output, errors);
  }
}
