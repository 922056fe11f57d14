package io.sparkformer.model.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@code dropout(scale * table[id] + types[type] + position)} as {@link io.sparkformer.model.config.EmbeddingConfig} describes it; the
 * norm after the sum is a kernel of its own.
 */
public interface EmbeddingKernel {
  /**
   * The backward pass returns no gradient of an input.
   *
   * @param ids INT {@code [tokens]}
   * @param types INT {@code [tokens]}; null where there are none: every token then has type 0
   * @param firstPositions of every sequence, the position of its first token here; null if all are 0
   * @return {@code [tokens, width]}
   * @throws IllegalArgumentException when an id is outside the vocabulary, or a position behind the longest sequence
   */
  Forward forward(INDArray ids, INDArray types, Segments segments, int[] firstPositions, Pass pass, Space space);
}
