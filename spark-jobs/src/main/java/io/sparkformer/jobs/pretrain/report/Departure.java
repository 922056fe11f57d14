package io.sparkformer.jobs.pretrain.report;

import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of an executor that gets SIGTERM because its node is taken away. Its workers ask all workers of the run to stop after the step
 * and save; the process ends when they are done, or after 25 seconds.
 */
public final class Departure {
  private static final Logger LOG = LoggerFactory.getLogger(Departure.class);
  /** Kubernetes kills after 30 seconds. */
  private static final long PATIENCE_SECONDS = 25;
  /** Runs before the hooks of Spark and Hadoop, which close the file systems that a checkpoint needs. */
  private static final int PRIORITY = 1000;
  private static final Departure HERE = new Departure();

  private int workers;
  private boolean wished;
  private boolean watching;

  private Departure() {}

  /** The only one of this process. */
  public static Departure here() {
    return HERE;
  }

  /** From now on the process waits for its workers before it ends; further calls do nothing. */
  synchronized void watch() {
    if (!watching) {
      watching = true;
      ShutdownHookManager.get().addShutdownHook(this::depart, PRIORITY, PATIENCE_SECONDS + 1, TimeUnit.SECONDS);
    }
  }

  public synchronized void workerBegins() {
    workers++;
  }

  public synchronized void workerEnds() {
    workers--;
    notifyAll();
  }

  /** Whether the process was asked to leave. */
  public synchronized boolean isWished() {
    return wished;
  }

  private synchronized void depart() {
    wished = true;
    if (workers == 0) {
      return;
    }
    LOG.info("this executor is asked to stop: the workers finish the step and save a checkpoint");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try {
      while (workers > 0 && end - System.nanoTime() > 0) {
        TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
