package io.sparkformer.jobs.pretrain.report;

import io.sparkformer.jobs.config.TrainSettings;
import io.sparkformer.jobs.parameterserver.StepResult;
import io.sparkformer.jobs.pretrain.plan.TrainingEnd;
import io.sparkformer.jobs.pretrain.plan.TrainingState;
import io.sparkformer.jobs.pretrain.plan.WorkerStatus;
import io.sparkformer.jobs.tensorboard.TensorHistogram;
import io.sparkformer.jobs.trace.Phase;
import io.sparkformer.jobs.trace.StepTimes;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;

/**
 * The reports of the first worker: one about training at every {@code train.report-interval}, and one for every other event. The other
 * workers have an instance that ignores all events.
 * Reports go to the driver, whose answer is whether to stop, and to the run's logs.
 */
public final class Reporting implements AutoCloseable {
  /** Least time between two questions to the driver whether to stop. */
  private static final long ASK_NANOS = Duration.ofMillis(500).toNanos();

  private final TrainSettings settings;
  /** Null in all workers but the first. */
  private final RunLogs logs;
  private final Predicate<Report> driver;
  private final String counted;
  private final long start = System.nanoTime();
  private final long startStep;
  /** Training time of the run before this start of it. */
  private final Duration elapsed;
  /** Null in all workers but the first. */
  private final StepTimes times;

  private long asked = start;
  private boolean stop;
  /** Null before the first. */
  private Report.Validation validated;
  private long reported = start;
  private long toldStep;
  /** Since the last report about the workers; null in all workers but the first. */
  private final StepTimes workerTimes;
  private double joules;
  private long workersReported = start;
  private double loss;
  private long tokens;

  private Reporting(TrainSettings settings, RunLogs logs, Predicate<Report> driver, long startStep, Duration elapsed,
      StepTimes times, String counted) {
    this.counted = counted;
    this.times = times;
    this.workerTimes = times == null ? null : new StepTimes(times.names());
    this.elapsed = elapsed;
    this.settings = settings;
    this.logs = logs;
    this.driver = driver;
    this.startStep = startStep;
    this.toldStep = startStep;
  }

  /**
   * Of the first worker.
   *
   * @param driver takes a report, or null for none, and returns whether to stop
   * @param elapsed how much of {@code train.max-time} was gone before
   * @param counted what the loss is a mean over, for people
   */
  public static Reporting first(TrainSettings settings, RunLogs logs, Predicate<Report> driver, long startStep,
      Duration elapsed, StepTimes times, String counted) {
    return new Reporting(settings, logs, driver, startStep, elapsed, times, counted);
  }

  /** Of every other worker. */
  public static Reporting silent(TrainSettings settings) {
    return new Reporting(settings, null, report -> false, 0, Duration.ZERO, null, "");
  }

  /** After a step that all workers share; {@code workers} is the status of each after it, in rank order. */
  public void step(TrainingState state, int epoch, StepResult result, List<WorkerStatus> workers) {
    if (logs == null) {
      return;
    }
    List<long[]> nanos = workers.stream().map(WorkerStatus::nanos).toList();
    times.add(nanos, (int) (state.step() - toldStep));
    workerTimes.add(nanos, (int) (state.step() - toldStep));
    joules += workers.stream().mapToDouble(WorkerStatus::joules).sum();
    toldStep = state.step();
    if (!result.skipped()) {
      loss += result.lossSum();
      tokens += result.targetTokens();
    }
    long now = System.nanoTime();
    boolean first = reported == start;
    if (tokens > 0 && (first || now - reported >= settings.reportInterval().toNanos() || state.step() == settings.maxSteps())) {
      double seconds = (now - start) / 1e9;
      send(new Report.Training(state.step(), settings.maxSteps(), epoch + 1, loss / tokens, result.learningRate(), result.gradientNorm(),
          tokens / ((now - reported) / 1e9), seconds, secondsLeft(state, seconds), state.skippedSteps(), Pointer.physicalBytes(),
          shares(), counted));
      if (!first) {
        times.straggler().ifPresent(line -> note(state.step(), "step %,d | slow worker: %s".formatted(state.step(), line)));
      }
      times.clear();
      reported = now;
      loss = 0;
      tokens = 0;
    }
  }

  private Map<String, Double> shares() {
    Map<String, Double> shares = new LinkedHashMap<>();
    for (Phase phase : Phase.values()) {
      if (phase != Phase.OTHER) {
        shares.put(phase.text(), times.share(phase));
      }
    }
    return shares;
  }

  public void validation(Report.Validation report) {
    validated = report;
    sayAside(report);
  }

  /** The last validation of this start of the run. */
  public Optional<Report.Validation> lastValidation() {
    return Optional.ofNullable(validated);
  }

  public void checkpoint(Report.Checkpoint report) {
    sayAside(report);
    workers(report.step());
  }

  /** The run begins, or goes on after a step. */
  public void start(long step, int threads) {
    if (logs != null) {
      send(new Report.Start(step, times.names(), threads));
    }
  }

  /** The run ends, with all of its state saved. */
  public void end(TrainingEnd end) {
    workers(end.state().step());
    sayAside(new Report.End(end.state().step(), end.ending().name().toLowerCase(Locale.ROOT), end.ending().reason(end.state(), settings)));
  }

  private void workers(long step) {
    if (logs == null) {
      return;
    }
    List<Map<String, Double>> shares = IntStream.range(0, workerTimes.names().size()).mapToObj(rank -> {
      Map<String, Double> ofRank = new LinkedHashMap<>();
      for (Phase phase : Phase.values()) {
        ofRank.put(phase.text(), workerTimes.share(rank, phase));
      }
      return ofRank;
    }).toList();
    send(new Report.Workers(step, (System.nanoTime() - workersReported) / 1e9, joules, shares));
    workersReported = System.nanoTime();
    joules = 0;
    workerTimes.clear();
  }

  public void note(long step, String text) {
    sayAside(new Report.Note(step, text));
  }

  /** Writes histograms of tensors; only the first worker computes them. */
  public void histograms(long step, String group, Supplier<Map<String, TensorHistogram>> ofTensors) {
    if (logs != null) {
      logs.histograms(step, group, ofTensors.get());
    }
  }

  /**
   * Makes all reports visible to readers; afterwards they survive the end of this process. A run that resumes from a checkpoint does not
   * repeat those before it.
   */
  public void show() {
    if (logs != null) {
      logs.show();
    }
  }

  /** Whether the driver asked to stop; always false at all workers but the first. */
  public boolean wantsToStop() {
    if (logs != null && System.nanoTime() - asked >= ASK_NANOS) {
      asked = System.nanoTime();
      stop |= driver.test(null);
    }
    return stop;
  }

  /** Whether the time is up by the first worker's clock; always false at the others. */
  public boolean isTimeUp() {
    return logs != null && elapsed.plusNanos(System.nanoTime() - start).compareTo(settings.maxTime()) >= 0;
  }

  /** Sends a report about something other than training. */
  private void sayAside(Report report) {
    if (logs != null) {
      send(report);
    }
  }

  private void send(Report report) {
    logs.write(report);
    stop |= driver.test(report);
  }

  private double secondsLeft(TrainingState state, double seconds) {
    double bySteps = seconds / (state.step() - startStep) * (settings.maxSteps() - state.step());
    double byTime = settings.maxTime().equals(TrainSettings.NO_TIME_LIMIT) ? Double.MAX_VALUE
        : settings.maxTime().minus(elapsed).toMillis() / 1e3 - seconds;
    return Math.max(0, Math.min(bySteps, byTime));
  }

  @Override
  public void close() throws IOException {
    if (logs != null) {
      logs.close();
    }
  }
}
