package io.sparkformer.data.corpus;

import java.io.Serializable;

/**
 * How many lines each partition of a text file holds, in order.
 *
 * @param before [partitions + 1] lines before each partition; the last is the total
 */
public record LineCounts(long[] before) implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Lines of the whole file. */
  public long total() {
    return before[before.length - 1];
  }

  long before(int partition) {
    return before[partition];
  }
}
