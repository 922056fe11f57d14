package io.sparkformer.jobs.transport;

import java.time.Duration;
import java.util.Locale;

/**
 * A long wait of one worker for another that has not ended.
 *
 * @param rank the worker that waits
 * @param step the worker's step
 * @param awaited what it waits for, from whom
 * @param peer the worker that it waits for
 * @param waited how long so far
 * @param left time until it gives up
 */
public record Stall(int rank, long step, String awaited, int peer, Duration waited, Duration left) {

  /** The message for people. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "rank %d, step %d: has waited %.1f s for %s, and gives up in %.1f s (parameter-server.deadline)",
        rank, step, waited.toMillis() / 1e3, awaited, left.toMillis() / 1e3);
  }
}
