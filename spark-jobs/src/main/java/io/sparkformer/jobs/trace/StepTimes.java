package io.sparkformer.jobs.trace;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** The times of all workers since the last report, added up by the first one. */
public final class StepTimes {
  /** Below this share of waiting no worker is reported as slow. */
  private static final double NOTABLE_WAIT = 0.2;
  /** A worker is slow when it is busy for so many times as long as the others. */
  private static final double NOTABLE_FACTOR = 1.25;

  private final List<String> names;
  private final long[][] nanos;
  private int steps;

  /**
   * @param names where each rank runs, for messages
   */
  public StepTimes(List<String> names) {
    this.names = List.copyOf(names);
    this.nanos = new long[names.size()][Phase.values().length];
  }

  /** Adds what each rank took for one or more steps, in rank order, by the phases' ordinals. */
  public void add(List<long[]> ofRanks, int howMany) {
    for (int rank = 0; rank < nanos.length; rank++) {
      for (int phase = 0; phase < nanos[rank].length; phase++) {
        nanos[rank][phase] += ofRanks.get(rank)[phase];
      }
    }
    steps += howMany;
  }

  /** Share of all workers' time that a phase took, {@link Phase#OTHER} left out of account; 0 before the first step. */
  public double share(Phase phase) {
    long all = 0;
    long these = 0;
    for (long[] ofRank : nanos) {
      these += ofRank[phase.ordinal()];
      all += Arrays.stream(ofRank).sum() - ofRank[Phase.OTHER.ordinal()];
    }
    return all == 0 ? 0 : (double) these / all;
  }

  /** Share of one worker's time that a phase took; 0 before the first step. */
  public double share(int rank, Phase phase) {
    long all = Arrays.stream(nanos[rank]).sum();
    return all == 0 ? 0 : (double) nanos[rank][phase.ordinal()] / all;
  }

  /** Where each rank runs. */
  public List<String> names() {
    return names;
  }

  /** A line about the worker that the others wait for; empty when there is none. */
  public Optional<String> straggler() {
    if (nanos.length < 2 || steps == 0) {
      return Optional.empty();
    }
    int slowest = IntStream.range(0, nanos.length).reduce((a, b) -> busy(b) > busy(a) ? b : a).orElseThrow();
    long[] others = IntStream.range(0, nanos.length).filter(rank -> rank != slowest).mapToLong(this::busy).sorted().toArray();
    long median = others[others.length / 2];
    long waited = 0;
    long all = 0;
    for (int rank = 0; rank < nanos.length; rank++) {
      if (rank != slowest) {
        waited += nanos[rank][Phase.WAIT.ordinal()];
        all += busy(rank) + nanos[rank][Phase.WAIT.ordinal()] + nanos[rank][Phase.PUSH.ordinal()];
      }
    }
    if (waited < NOTABLE_WAIT * all || busy(slowest) < NOTABLE_FACTOR * median) {
      return Optional.empty();
    }
    return Optional.of(String.format(Locale.ROOT, "the others wait for rank %d (%s), %.0f %% of their time: it is busy for %.0f ms a step"
        + " (data %.0f, compute %.0f, update %.0f), the others for %.0f", slowest, names.get(slowest), 100.0 * waited / all,
        milliseconds(busy(slowest)), milliseconds(nanos[slowest][Phase.DATA.ordinal()]),
        milliseconds(nanos[slowest][Phase.COMPUTE.ordinal()]), milliseconds(nanos[slowest][Phase.UPDATE.ordinal()]),
        milliseconds(median)));
  }

  /** Resets all times to 0. */
  public void clear() {
    for (long[] ofRank : nanos) {
      Arrays.fill(ofRank, 0);
    }
    steps = 0;
  }

  private long busy(int rank) {
    return nanos[rank][Phase.DATA.ordinal()] + nanos[rank][Phase.COMPUTE.ordinal()] + nanos[rank][Phase.UPDATE.ordinal()];
  }

  private double milliseconds(long sum) {
    return sum / 1e6 / steps;
  }
}
