package io.sparkformer.jobs.bench;

import io.sparkformer.jobs.trace.Phase;
import io.sparkformer.jobs.trace.PhaseClock;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;

/**
 * What an average-and-update step took at one worker.
 *
 * @param seconds of the whole step
 * @param transportSeconds of it in the transport: sending, and waiting for the others
 * @param processorSeconds that its process computed meanwhile, on all threads, network included: on a machine that does other work too,
 *     what the step would take alone on one core
 * @param sentBytes gradients and parameters given to the others
 * @param receivedBytes gradients and parameters got from the others
 */
record SyncTimes(double seconds, double transportSeconds, double processorSeconds, long sentBytes, long receivedBytes) {

  /** The time in the transport since the clock was last asked. */
  static double transportSeconds(PhaseClock clock) {
    long[] nanos = clock.take();
    return (nanos[Phase.PUSH.ordinal()] + nanos[Phase.WAIT.ordinal()]) / 1e9;
  }

  static SyncTimes median(SyncTimes[] times) {
    SyncTimes[] sorted = times.clone();
    Arrays.sort(sorted, Comparator.comparingDouble(SyncTimes::seconds));
    return sorted[sorted.length / 2];
  }

  /** Bytes given and got, per second of the whole step, in units of 10^9. */
  double gigabytesPerSecond() {
    return (sentBytes + receivedBytes) / 1e9 / seconds;
  }

  String toLine() {
    return String.format(Locale.ROOT, "%.6f\t%.6f\t%.6f\t%d\t%d", seconds, transportSeconds, processorSeconds, sentBytes, receivedBytes);
  }

  static SyncTimes parse(String line) {
    String[] parts = line.split("\t");
    return new SyncTimes(Double.parseDouble(parts[0]), Double.parseDouble(parts[1]), Double.parseDouble(parts[2]),
        Long.parseLong(parts[3]), Long.parseLong(parts[4]));
  }
}
