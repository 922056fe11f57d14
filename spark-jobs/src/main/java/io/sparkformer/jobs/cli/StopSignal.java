package io.sparkformer.jobs.cli;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * A request to stop the job: Ctrl-C (SIGINT), or SIGTERM, as when a node is decommissioned.
 *
 * <p>A job that can stop in good order calls {@link #listen}. From then on the first signal does not end the process: the listeners are
 * called, the job ends by itself, and the process exits with 128 + the signal's number. A second signal ends the process at once. A job
 * that never calls {@code listen} ends at the first signal.
 */
public final class StopSignal {
  private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);
  private static final int SIGNAL_STATUS = 128;

  private final AtomicInteger number = new AtomicInteger();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /**
   * Takes over the two signals.
   *
   * @param promise what the job does after the first signal, for the message: {@code finishing the step and saving a checkpoint}
   */
  public void listen(String promise) {
    for (String name : List.of("INT", "TERM")) {
      Signal.handle(new Signal(name), signal -> {
        if (isRequested()) {
          Runtime.getRuntime().halt(SIGNAL_STATUS + signal.getNumber());
        }
        LOG.info("stopping: {}; once more (Ctrl-C) stops at once", promise);
        request(signal.getNumber());
      });
    }
  }

  /** Runs the action when a stop is requested, in the signal's thread: it must be short, and may be called at any moment. */
  public void onRequest(Runnable action) {
    listeners.add(action);
    if (isRequested()) {
      action.run();
    }
  }

  public boolean isRequested() {
    return number.get() != 0;
  }

  /** Requests a stop as if this signal had come; whether it is the first request. */
  boolean request(int signalNumber) {
    if (!number.compareAndSet(0, signalNumber)) {
      return false;
    }
    listeners.forEach(Runnable::run);
    return true;
  }

  /** The exit status of a job that ended well: 0, or 128 + the signal's number after a request. */
  int exitStatus() {
    return isRequested() ? SIGNAL_STATUS + number.get() : 0;
  }
}
