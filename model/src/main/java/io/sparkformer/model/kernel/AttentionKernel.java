package io.sparkformer.model.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Multi-head attention with its four projections: Vaswani et al. 2017, section 3.2, and what
 * {@link io.sparkformer.model.config.AttentionConfig} describes. A query sees keys of its own sequence only. A token's position is its
 * place in its sequence, from 0. Scores are never stored whole: a training pass keeps a log-sum-exp for every query and head, and the
 * backward pass computes the probabilities again (Dao et al. 2022).
 */
public interface AttentionKernel {
  /**
   * The backward pass returns the gradient of {@code query}, and in cross-attention that of {@code memory} behind it. The gradient of
   * the keys' bias is left alone where it is zero, without rotary positions: the bias then adds the same number to all scores of a query,
   * which softmax does not see, and rounding would give a gradient of noise, which Adam would blow up to full steps.
   *
   * @param query {@code [query tokens, width]}
   * @param memory {@code [memory tokens, width]}: what keys and values are made of; the same array as {@code query} in self-attention
   */
  Forward forward(INDArray query, Segments querySegments, INDArray memory, Segments memorySegments, Pass pass, Space space);

  /** An empty cache for decoding {@code rows} sequences with causal self-attention. */
  KeyValueCache emptyCache(int rows);

  /** A full cache of the keys and values of encoded sequences, for cross-attention: row {@code i} sees sequence {@code i}. */
  KeyValueCache cacheOf(INDArray memory, Segments segments);

  /**
   * Causal self-attention of the next tokens of every row: appends their keys and values to the cache, then attends to it. The first
   * token of a row has the position of the number of keys that the row had before. Prompts of different lengths are one call, and so is a
   * step, in which every row has one token.
   *
   * @param x {@code [tokens, width]}
   * @param segments the new tokens of every row of the cache; none may be without
   * @return {@code [tokens, width]}
   */
  INDArray extend(INDArray x, Segments segments, KeyValueCache cache, Space space);

  /** Cross-attention of tokens of every row, as in {@link #extend}; the cache stays as it is. */
  INDArray look(INDArray x, Segments segments, KeyValueCache cache, Space space);
}
