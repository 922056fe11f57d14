package io.sparkformer.jobs.text;

import java.io.Serializable;

/**
 * How many consecutive things make one part, the work of one task. Every task slot gets several parts, so that progress can be shown and
 * slots finish at about the same time, but parts are large enough for full batches. Parts are of at most {@value #LARGE} things, until
 * there
 * would be more than {@value #MANY_PARTS} of them: from there on they grow, since each task costs the driver time and memory.
 *
 * @param total things in all
 * @param partSize things in each part but the last
 */
public record PartPlan(long total, long partSize) implements Serializable {

  private static final int PARTS_PER_SLOT = 8;
  private static final int SMALL = 64;
  private static final int LARGE = 1024;
  private static final int MANY_PARTS = 10_000;

  /** Checks that the sizes make sense. */
  public PartPlan {
    if (total < 0 || partSize < 1) {
      throw new IllegalArgumentException("a plan needs total >= 0 and partSize >= 1: total=" + total + ", partSize=" + partSize);
    }
    if (parts(total, partSize) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("too many lines for Spark: " + total);
    }
  }

  /**
   * Plans the parts.
   *
   * @param total things in all
   * @param slots tasks that run at the same time
   */
  public static PartPlan of(long total, int slots) {
    long severalEach = divideUp(total, (long) slots * PARTS_PER_SLOT);
    long oneEach = divideUp(total, slots);
    long size = Math.max(severalEach, Math.min(SMALL, oneEach));
    return new PartPlan(total, Math.max(Math.max(1, Math.min(LARGE, size)), divideUp(total, Math.max(MANY_PARTS, slots))));
  }

  /** Number of parts. */
  public int parts() {
    return (int) parts(total, partSize);
  }

  int partOf(long number) {
    return (int) (number / partSize);
  }

  private static long parts(long total, long partSize) {
    return divideUp(total, partSize);
  }

  private static long divideUp(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }
}
