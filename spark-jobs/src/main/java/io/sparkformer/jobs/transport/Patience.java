package io.sparkformer.jobs.transport;

import io.sparkformer.jobs.transport.WorkerGroup.Letter;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deadline of a worker's waits, and the listener that is called during a long wait: first after a tenth of the deadline, at most 30 s; then
 * whenever the time waited has doubled.
 *
 * @param deadline longest wait
 * @param listener is called during long waits, on the waiting worker's thread
 */
record Patience(Duration deadline, Consumer<Stall> listener) {
  private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
  private static final int WARNINGS_PER_DEADLINE = 10;
  private static final Duration LATEST_WARNING = Duration.ofSeconds(30);

  /** For a worker whose long waits are only logged. */
  static Patience logged(Duration deadline) {
    return new Patience(deadline, stall -> LOG.warn("{}", stall));
  }

  /** Begins a wait. */
  Wait begin(Letter letter) {
    return new Wait(letter);
  }

  /** A single wait. */
  final class Wait {
    private final Letter letter;
    private final long start = System.nanoTime();
    private long warnNanos = Math.min(deadline.toNanos() / WARNINGS_PER_DEADLINE, LATEST_WARNING.toNanos());

    private Wait(Letter letter) {
      this.letter = letter;
    }

    /** Whether the deadline has passed. */
    boolean isOver() {
      return nanos() >= deadline.toNanos();
    }

    /** Whether the listener is to be called. */
    boolean isStalled() {
      return nanos() >= warnNanos;
    }

    /** Time until the deadline or the next call of the listener, whichever is sooner. */
    long nanosToSleep() {
      return Math.max(1, Math.min(warnNanos, deadline.toNanos()) - nanos());
    }

    void tell() {
      Duration waited = Duration.ofNanos(nanos());
      warnNanos = 2 * waited.toNanos();
      listener.accept(new Stall(letter.to(), letter.step(), letter.toString(), letter.from(), waited, deadline.minus(waited)));
    }

    private long nanos() {
      return System.nanoTime() - start;
    }
  }
}
