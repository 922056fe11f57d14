package io.sparkformer.jobs.parameterserver;

import io.sparkformer.model.memory.FlatRange;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The division of the flat parameters among workers: one contiguous slice each, in rank order, of nearly equal length.
 *
 * @param parameters length of the flat array
 * @param workers number of slices
 */
public record ParameterSlices(long parameters, int workers) {
  /** Slices begin at multiples of this many floats, a cache line. */
  public static final int ALIGNMENT = 16;

  /** @throws IllegalArgumentException when there is no parameter or no worker */
  public ParameterSlices {
    if (parameters < 1 || workers < 1) {
      throw new IllegalArgumentException("Cannot divide " + parameters + " parameters among " + workers
          + " workers (both must be >= 1)");
    }
  }

  /** The slice that a rank owns; empty where there are fewer lines than workers. */
  public FlatRange slice(int rank) {
    if (rank < 0 || rank >= workers) {
      throw new IllegalArgumentException("Invalid rank: " + rank + " (must be 0 to workers - 1, workers=" + workers + ")");
    }
    return new FlatRange(begin(rank), begin(rank + 1));
  }

  /** The slices of all ranks. */
  public List<FlatRange> all() {
    return IntStream.range(0, workers).mapToObj(this::slice).toList();
  }

  private long begin(long rank) {
    long lines = (parameters + ALIGNMENT - 1) / ALIGNMENT;
    return Math.min(parameters, lines * rank / workers * ALIGNMENT);
  }
}
