package io.sparkformer.jobs.pretrain;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.pretrain.plan.TrainingEnd;
import io.sparkformer.jobs.pretrain.plan.TrainingPlan;
import io.sparkformer.jobs.pretrain.plan.TrainingState;
import io.sparkformer.jobs.pretrain.report.FailureKind;
import io.sparkformer.jobs.pretrain.report.MetricsLog;
import io.sparkformer.jobs.pretrain.report.Report;
import io.sparkformer.jobs.pretrain.report.RunMonitor;
import io.sparkformer.jobs.pretrain.report.TrainingFailedException;
import io.sparkformer.jobs.pretrain.report.WorkerFailure;
import io.sparkformer.jobs.pretrain.resources.TaskSlots;
import io.sparkformer.jobs.pretrain.worker.WorkerTask;
import io.sparkformer.model.checkpoint.CheckpointStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the barrier stage, and runs it again from the newest checkpoint when a worker failed or was lost. Training stops after
 * {@code train.max-restarts} restarts without a new checkpoint between them, and at once when a failure is
 * {@linkplain FailureKind#HOPELESS hopeless}; restarts with a new checkpoint between them are not limited.
 */
final class Supervision {
  private static final Logger LOG = LoggerFactory.getLogger(Supervision.class);
  /** Time between two checks whether the workers have begun or ended. */
  private static final long LOOK_MILLIS = 200;
  /** Spark's text about a lost executor begins with this. */
  private static final String EXECUTOR_LOST = "ExecutorLostFailure";

  private final JavaSparkContext spark;
  private final TaskSlots slots;
  private final RunMonitor monitor;
  private final Configuration hadoop;
  private final LongSupplier nanoClock;

  Supervision(JavaSparkContext spark, TaskSlots slots, RunMonitor monitor, Configuration hadoop, LongSupplier nanoClock) {
    this.spark = spark;
    this.slots = slots;
    this.monitor = monitor;
    this.hadoop = hadoop;
    this.nanoClock = nanoClock;
  }

  /** Trains to the end; returns where it ended. */
  TrainingState train(TrainingPlan first) throws IOException {
    try {
      return supervise(first);
    } catch (TrainingFailedException e) {
      note(first, Report.Failure.LAST, e.getMessage());
      throw e;
    }
  }

  /** Notes a failure in the metrics. That this may fail too is no reason to give up. */
  private void note(TrainingPlan plan, String kind, String text) {
    try {
      MetricsLog.failure(hadoop, plan.settings().output(), new Report.Failure(monitor.step(), kind, text));
    } catch (IOException e) {
      LOG.warn("The metrics of {} cannot be written: {}", plan.settings().output(), e.getMessage());
    }
  }

  private TrainingState supervise(TrainingPlan first) throws IOException {
    CheckpointStore store = new CheckpointStore(hadoop, first.settings().output());
    TrainingPlan plan = first;
    long newest = newestStep(store);
    int losses = 0;
    long begun = nanoClock.getAsLong();
    while (true) {
      slots.await(plan.workers());
      try {
        TrainingEnd end = attempt(plan.after(Duration.ofNanos(nanoClock.getAsLong() - begun)));
        if (end.ending() != TrainingEnd.Ending.STOPPED || monitor.isStopRequested()) {
          return end.state();
        }
        monitor.say("an executor was asked to leave: going on without it from step %d".formatted(end.state().step()));
        newest = end.state().step();
        losses = 0;
        plan = plan.restarted(newRunId());
      } catch (ExecutionException e) {
        Throwable failure = e.getCause();
        List<WorkerFailure> told = monitor.failures();
        Optional<String> hopeless = first(told, FailureKind.HOPELESS);
        String reason = hopeless.or(() -> first(told, FailureKind.TRANSIENT)).map(text -> "a worker failed: " + text)
            .orElseGet(() -> "a worker was lost: " + lost(failure, told));
        if (hopeless.isPresent() || monitor.isStopRequested()) {
          throw new TrainingFailedException(hopeless.orElse(reason), failure);
        }
        long reached = newestStep(store);
        losses = reached == newest ? losses + 1 : 1;
        newest = reached;
        if (losses > plan.settings().maxRestarts()) {
          String fix = store.steps().isEmpty() ? "" : "; go on from the last checkpoint with " + Pretraining.RESUME;
          throw new TrainingFailedException(("Training failed %d times without a new checkpoint in between (train.max-restarts); the last "
              + "failure: %s%s").formatted(losses, reason, fix), failure);
        }
        monitor.restarts(reason);
        note(plan, Report.Failure.RESTART, reason);
        monitor.say("going on from the last checkpoint (%d of %d times without a new one)".formatted(losses,
            plan.settings().maxRestarts()));
        plan = plan.restarted(newRunId());
      }
    }
  }

  static String newRunId() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  private TrainingEnd attempt(TrainingPlan plan) throws ExecutionException {
    monitor.expect(plan);
    List<Integer> ranks = IntStream.range(0, plan.workers()).boxed().toList();
    WorkerTask task = new WorkerTask(plan, new SerializableConfiguration(hadoop));
    // Spark's UI names the stage so.
    spark.setCallSite("training on %d worker(s), %s".formatted(plan.workers(),
        plan.start() == TrainingPlan.Start.BEGINNING ? "from the beginning" : "from the newest checkpoint"));
    Future<List<TrainingEnd>> ends = spark.parallelize(ranks, plan.workers()).rdd().barrier()
        .mapPartitions(task, false, WorkerTask.resultTag()).toJavaRDD().collectAsync();
    spark.clearCallSite();
    Duration patience = plan.settings().startTimeout();
    long start = System.nanoTime();
    while (true) {
      try {
        return ends.get(LOOK_MILLIS, TimeUnit.MILLISECONDS).get(0);
      } catch (TimeoutException e) {
        if (!monitor.hasBegun() && System.nanoTime() - start > patience.toNanos()) {
          ends.cancel(true);
          throw new InvalidInputException(("The %d workers have not begun within %s s (train.start-timeout); Spark has %d task slots, of "
              + "which some may be taken by other jobs or by executors that hang").formatted(plan.workers(), patience.toMillis() / 1000.0,
                  slots.count()), e);
        }
      } catch (InterruptedException e) {
        ends.cancel(true);
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted while the workers were training", e);
      }
    }
  }

  private static long newestStep(CheckpointStore store) throws IOException {
    return store.steps().stream().findFirst().orElse(0L);
  }

  private static Optional<String> first(List<WorkerFailure> told, FailureKind kind) {
    return told.stream().filter(each -> each.kind() == kind).map(WorkerFailure::text).findFirst();
  }

  /** Why the worker is lost, for people: Spark's text about its executor, or else what another worker reported. */
  private static String lost(Throwable failure, List<WorkerFailure> told) {
    String text = String.valueOf(failure.getMessage());
    return text.lines().filter(line -> line.contains(EXECUTOR_LOST)).map(line -> line.substring(line.indexOf(EXECUTOR_LOST))).findFirst()
        .or(() -> first(told, FailureKind.CONSEQUENCE)).orElseGet(() -> text.lines().findFirst().orElse(""));
  }
}
