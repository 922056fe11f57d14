package io.sparkformer.jobs.pretrain;

import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The driver's end of the line to the first worker: prints what the worker reports, and answers whether the run shall stop.
 * One run at a time in a process.
 */
final class RunMonitor implements AutoCloseable {
  private static final AtomicReference<RunMonitor> CURRENT = new AtomicReference<>();

  private final PrintWriter out;
  private volatile boolean stopRequested;

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

  /** Prints a report, or with null only asks; returns whether the run shall stop. */
  boolean receive(Report report) {
    if (report != null) {
      out.println(report.line());
      out.flush();
    }
    return stopRequested;
  }

  @Override
  public void close() {
    CURRENT.compareAndSet(this, null);
  }
}
