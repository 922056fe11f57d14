package io.sparkformer.data.shard;

import java.io.Serializable;

/**
 * What the sequence of batches depends on, apart from the shards.
 *
 * @param seed of every random order
 * @param batchTokens most tokens of a batch in any column, as the network sees them: sentences with their end tokens
 * @param window examples that are shuffled and sorted by length together
 * @param batchExamples examples of a batch, which are then not sorted by length; 0: as many as have {@code batchTokens}
 * @param rowCuts where rows of running text begin and end; null, as in checkpoints of earlier versions, is {@link RowCuts#FIXED}
 */
public record BatchPlan(long seed, int batchTokens, int window, int batchExamples, RowCuts rowCuts) implements Serializable {

  private static final long serialVersionUID = 1L;

  /**
   * @throws IllegalArgumentException if a size is not positive
   */
  public BatchPlan {
    if (batchTokens <= 0) {
      throw new IllegalArgumentException("Invalid batchTokens: " + batchTokens + " (must be > 0)");
    }
    if (window <= 0) {
      throw new IllegalArgumentException("Invalid window: " + window + " (must be > 0)");
    }
    if (batchExamples < 0) {
      throw new IllegalArgumentException("Invalid batchExamples: " + batchExamples + " (must be >= 0)");
    }
    rowCuts = rowCuts == null ? RowCuts.FIXED : rowCuts;
  }

  /** Batches of so many tokens; rows as they are stored. */
  public BatchPlan(long seed, int batchTokens, int window) {
    this(seed, batchTokens, window, 0);
  }

  /** Rows as they are stored. */
  public BatchPlan(long seed, int batchTokens, int window, int batchExamples) {
    this(seed, batchTokens, window, batchExamples, RowCuts.FIXED);
  }

  /**
   * How many batches an epoch has.
   *
   * @param examples of an epoch
   * @throws IllegalStateException if batches have so many tokens: then it depends on the lengths of the examples
   */
  public long batchesOfEpoch(long examples) {
    if (batchExamples == 0) {
      throw new IllegalStateException("Batches of " + batchTokens + " tokens are not counted by examples");
    }
    long whole = examples / window;
    return whole * batches(window) + batches(examples - whole * window);
  }

  private long batches(long examples) {
    return (examples + batchExamples - 1) / batchExamples;
  }
}
