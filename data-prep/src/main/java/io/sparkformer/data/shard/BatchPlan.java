package io.sparkformer.data.shard;

import java.io.Serializable;

/**
 * What the sequence of batches depends on, apart from the shards.
 *
 * @param seed of every random order
 * @param batchTokens most tokens of a batch in any column, as the network sees them: sentences with their end tokens
 * @param window examples that are shuffled and sorted by length together
 * @param rowCuts where rows of running text begin and end; null, as in checkpoints of earlier versions, is {@link RowCuts#FIXED}
 */
public record BatchPlan(long seed, int batchTokens, int window, RowCuts rowCuts) implements Serializable {

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
    rowCuts = rowCuts == null ? RowCuts.FIXED : rowCuts;
  }

  /** A plan for pairs, or for rows as they are stored. */
  public BatchPlan(long seed, int batchTokens, int window) {
    this(seed, batchTokens, window, RowCuts.FIXED);
  }
}
