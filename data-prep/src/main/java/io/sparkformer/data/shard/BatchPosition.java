package io.sparkformer.data.shard;

import java.io.Serializable;

/**
 * A place in the endless sequence of batches: the batch that comes next. Every checkpoint stores one.
 *
 * @param epoch passes over all examples before this place; from 0
 * @param window number of the window in the epoch; from 0
 * @param batch number of the batch in the window's order of delivery; from 0
 */
public record BatchPosition(int epoch, long window, int batch) implements Serializable, Comparable<BatchPosition> {

  private static final long serialVersionUID = 1L;

  /** The first batch of the first epoch. */
  public static final BatchPosition START = new BatchPosition(0, 0, 0);

  /**
   * @throws IllegalArgumentException for a negative number
   */
  public BatchPosition {
    if (epoch < 0 || window < 0 || batch < 0) {
      throw new IllegalArgumentException(
        "Invalid position: epoch=" + epoch + ", window=" + window + ", batch=" + batch + " (must be >= 0)");
    }
  }

  /** Earlier places first. */
  @Override
  public int compareTo(BatchPosition other) {
    int byEpoch = Integer.compare(epoch, other.epoch);
    int byWindow = byEpoch != 0 ? byEpoch : Long.compare(window, other.window);
    return byWindow != 0 ? byWindow : Integer.compare(batch, other.batch);
  }
}
