package io.sparkformer.jobs.transport;

import io.sparkformer.jobs.transport.WorkerGroup.Letter;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long a worker waits for any one thing, and whom it tells while a wait is long: first after a tenth of the deadline, at most 30 s;
 * then each time when it has waited twice as long.
 *
 * @param deadline longest wait
 * @param listener is told of long waits, on the waiting worker's thread
 */
record Patience(Duration deadline, Consumer<Stall> listener) {
  private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
  private static final int WARNINGS_PER_DEADLINE = 10;
  private static final Duration LATEST_WARNING = Duration.ofSeconds(30);

  /** Of a worker whose long waits only the log tells of. */
  static Patience logged(Duration deadline) {
    return new Patience(deadline, stall -> LOG.warn("{}", stall));
  }

  /** A wait begins now. */
  Wait begin(Letter letter) {
    return new Wait(letter);
  }

  /** One wait for one thing. */
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

    /** Whether it is time to tell. */
    boolean isStalled() {
      return nanos() >= warnNanos;
    }

    /** How long to wait for news before one of the two comes true. */
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
