package io.sparkformer.jobs.prepare;

import io.sparkformer.jobs.cli.Progress;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.SparkStatusTracker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.OptionConverters;

/**
 * Shows, here and in Spark's UI, which stage is running, how many of its tasks are done and how long it has taken; logs what each stage
 * gave.
 */
final class StageClock implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StageClock.class);
  private static final double NANOS_PER_SECOND = 1e9;

  private final SparkContext spark;
  private final SparkStatusTracker tasks;
  private final long startNanos = System.nanoTime();
  private volatile Stage stage = new Stage("training text", "starting", startNanos);
  private final Progress progress;

  private record Stage(String name, String what, long startNanos) {

    double seconds() {
      return (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
    }
  }

  StageClock(SparkContext spark) {
    this.spark = spark;
    this.tasks = spark.statusTracker();
    this.progress = new Progress(this::line);
  }

  /**
   * Begins a stage.
   */
  void begin(String name, String what) {
    stage = new Stage(name, what, System.nanoTime());
    // Spark's UI names the jobs so.
    spark.setJobDescription("prepare, " + name + ": " + what);
    LOG.debug("{}: {}", name, what);
  }

  /**
   * Ends the stage.
   *
   * @param result what the stage gave, as for {@link String#format}
   */
  void end(String name, String result, Object... arguments) {
    LOG.debug("{}: {} in {}", name, String.format(Locale.ROOT, result, arguments),
      String.format(Locale.ROOT, "%.1f s", stage.seconds()));
  }

  double totalSeconds() {
    return (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
  }

  private String line() {
    int done = 0;
    int all = 0;
    for (int id : tasks.getActiveStageIds()) {
      Optional<SparkStageInfo> running = OptionConverters.toJava(tasks.getStageInfo(id));
      done += running.map(SparkStageInfo::numCompletedTasks).orElse(0);
      all += running.map(SparkStageInfo::numTasks).orElse(0);
    }
    Stage now = stage;
    String counts = all == 0 ? "" : " (%d of %d tasks done)".formatted(done, all);
    return "%s, %s: %s%s".formatted(now.name, Progress.duration(now.seconds()), now.what, counts);
  }

  @Override
  public void close() {
    spark.setJobDescription(null);
    progress.close();
  }
}
