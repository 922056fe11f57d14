package io.sparkformer.jobs.pretrain;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The driver's end of the line to the first worker: prints what the worker reports, and answers whether the run shall stop.
 * One run at a time in a process.
 */
final class RunMonitor implements AutoCloseable {
  private static final AtomicReference<RunMonitor> CURRENT = new AtomicReference<>();

  private final PrintWriter out;
  private volatile boolean stopRequested;
  /** What the attempt that is expected to report is called, up to its number, and whether it has. */
  private volatile String run = "";
  private volatile boolean begun;
  /** What the expected workers have failed with. */
  private final List<WorkerFailure> failures = new CopyOnWriteArrayList<>();
  /** The last long wait that was printed. */
  private Report.Waiting waiting;

  private RunMonitor(PrintWriter out) {
    this.out = out;
  }

  static RunMonitor open(PrintWriter out) {
    RunMonitor monitor = new RunMonitor(out);
    if (!CURRENT.compareAndSet(null, monitor)) {
      throw new IllegalStateException("A training run is already going on in this process");
    }
    return monitor;
  }

  /** The monitor of the run in this process; null on an executor of a cluster. */
  static RunMonitor current() {
    return CURRENT.get();
  }

  /** From now on the answer to every report is to stop. */
  void requestStop() {
    stopRequested = true;
  }

  boolean isStopRequested() {
    return stopRequested;
  }

  /** From now on only the workers of this plan are listened to: one that was thought lost may come back. */
  void expect(TrainingPlan plan) {
    begun = false;
    failures.clear();
    run = plan.runId();
  }

  /** Whether the expected workers have reported anything. */
  boolean hasBegun() {
    return begun;
  }

  /** Takes note of a worker's failure. */
  void fail(String attempt, WorkerFailure failure) {
    if (attempt.startsWith(run)) {
      failures.add(failure);
    }
  }

  /** The failures of the expected workers so far, in the order in which they were told. */
  List<WorkerFailure> failures() {
    return List.copyOf(failures);
  }

  /** Prints a line of the driver's own among the workers' reports. */
  void say(String line) {
    out.println(line);
    out.flush();
  }

  /** Prints a report, or with null only asks; returns whether the attempt shall stop. */
  boolean receive(String attempt, Report report) {
    if (!attempt.startsWith(run)) {
      return true;
    }
    begun = true;
    if (report != null && isNews(report)) {
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
    CURRENT.compareAndSet(this, null);
  }
}
