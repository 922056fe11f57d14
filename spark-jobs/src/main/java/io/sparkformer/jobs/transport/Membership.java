package io.sparkformer.jobs.transport;

import java.time.Duration;

/**
 * One worker's place in a run.
 *
 * @param run the same at all workers of a run, and at no other run
 * @param attempt number of this attempt at the run; a higher one ends earlier attempts
 * @param rank this worker's number, from 0
 * @param workers how many there are
 * @param deadline longest single wait
 * @param precision the format of sent elements; the same at all workers
 */
public record Membership(String run, int attempt, int rank, int workers, Duration deadline, WirePrecision precision) {

  /** @throws IllegalArgumentException when the rank is none of the workers' */
  public Membership {
    if (rank < 0 || rank >= workers) {
      throw new IllegalArgumentException("Invalid rank: " + rank + " (must be 0 to workers - 1, workers=" + workers + ")");
    }
    precision.requireSupport();
  }

  /** With elements sent in float32. */
  public Membership(String run, int attempt, int rank, int workers, Duration deadline) {
    this(run, attempt, rank, workers, deadline, WirePrecision.FLOAT32);
  }
}
