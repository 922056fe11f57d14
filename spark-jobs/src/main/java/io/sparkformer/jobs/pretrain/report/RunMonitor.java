package io.sparkformer.jobs.pretrain.report;

import io.sparkformer.jobs.cli.Progress;
import io.sparkformer.jobs.pretrain.plan.TrainingPlan;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the workers' reports at the driver: prints them, and answers whether the run shall stop. One run at a time in a process.
 */
public final class RunMonitor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunMonitor.class);
  private static final AtomicReference<RunMonitor> CURRENT = new AtomicReference<>();

  private final PrintWriter out;
  private final Consumer<RunEvent> events;
  private final Progress progress;
  /** Null before the first. */
  private volatile Report.Training training;
  private volatile boolean stopRequested;
  private final AtomicInteger restarts = new AtomicInteger();
  /** When the last checkpoint was committed, or the run began. */
  private volatile long checkpointed = System.nanoTime();
  /** The expected attempt's id without its number, and whether it has reported. */
  private volatile String run = "";
  private volatile boolean begun;
  /** Failures of the expected workers. */
  private final List<WorkerFailure> failures = new CopyOnWriteArrayList<>();
  /** The last long wait that was printed. */
  private Report.Waiting waiting;

  private RunMonitor(PrintWriter out, Consumer<RunEvent> events) {
    this.out = out;
    this.events = events;
    this.progress = new Progress(() -> training == null ? "waiting for the first step" : training.line());
  }

  /** Of a run that nobody else wants to know of. */
  static RunMonitor open(PrintWriter out) {
    return open(out, event -> { });
  }

  /** @param events is told of everything that whoever does not look at the run should know; must return at once */
  public static RunMonitor open(PrintWriter out, Consumer<RunEvent> events) {
    RunMonitor monitor = new RunMonitor(out, events);
    if (!CURRENT.compareAndSet(null, monitor)) {
      monitor.progress.close();
      throw new IllegalStateException("This process trains already; wait until that run has ended");
    }
    return monitor;
  }

  /** The monitor of the run in this process; null on an executor of a cluster. */
  public static RunMonitor current() {
    return CURRENT.get();
  }

  /** From now on the answer to every report is to stop. */
  public void requestStop() {
    stopRequested = true;
  }

  public boolean isStopRequested() {
    return stopRequested;
  }

  /** From now on reports of other plans' workers are ignored: one that was taken for lost may still report. */
  public void expect(TrainingPlan plan) {
    begun = false;
    failures.clear();
    run = plan.runId();
  }

  /** Whether the expected workers have reported anything. */
  public boolean hasBegun() {
    return begun;
  }

  /** Adds a worker's failure. */
  void fail(String attempt, WorkerFailure failure) {
    if (attempt.startsWith(run)) {
      failures.add(failure);
    }
  }

  /** The failures of the expected workers so far, in the order of their arrival. */
  public List<WorkerFailure> failures() {
    return List.copyOf(failures);
  }

  /** The last step that was reported; 0 before the first. */
  public long step() {
    return training == null ? 0 : training.step();
  }

  /** The last training report; null before the first. */
  Report.Training training() {
    return training;
  }

  /** How often the run went on after a failure. */
  int restarts() {
    return restarts.get();
  }

  /** Seconds since the last checkpoint was committed, or since the run began. */
  double secondsSinceCheckpoint() {
    return (System.nanoTime() - checkpointed) / 1e9;
  }

  /** The run goes on after a failure. */
  public void restarts(String reason) {
    restarts.incrementAndGet();
    say(reason);
    tell(RunEvent.Kind.RESTARTED, reason);
  }

  /** Tells of an event of the run, at the last step that was reported. */
  public void tell(RunEvent.Kind kind, String text) {
    events.accept(new RunEvent(kind, step(), text));
  }

  /** Prints a line of the driver's own among the workers' reports. */
  public void say(String line) {
    LOG.debug("{}", line);
    out.println(line);
    out.flush();
  }

  /**
   * Takes a report, or null for none; returns whether the attempt shall stop. A training report is shown as progress, a
   * checkpoint stands in the log, everything else is printed.
   */
  boolean receive(String attempt, Report report) {
    if (!attempt.startsWith(run)) {
      return true;
    }
    begun = true;
    if (report instanceof Report.Training now) {
      long skipped = training == null ? 0 : training.skippedSteps();
      training = now;
      if (now.skippedSteps() > skipped) {
        tell(RunEvent.Kind.SKIPPED, "%d step(s) skipped: loss or gradient not finite".formatted(now.skippedSteps() - skipped));
      }
      LOG.debug("{}", report.line());
    } else if (report instanceof Report.Checkpoint || report instanceof Report.Start || report instanceof Report.Workers) {
      checkpointed = report instanceof Report.Checkpoint ? System.nanoTime() : checkpointed;
      LOG.debug("{}", report.line());
    } else if (report != null && isNews(report)) {
      say(report.line());
    }
    return stopRequested;
  }

  private synchronized boolean isNews(Report report) {
    if (!(report instanceof Report.Waiting wait)) {
      return true;
    }
    boolean news = !wait.repeats(waiting);
    waiting = news ? wait : waiting;
    return news;
  }

  @Override
  public void close() {
    progress.close();
    CURRENT.compareAndSet(this, null);
  }
}
