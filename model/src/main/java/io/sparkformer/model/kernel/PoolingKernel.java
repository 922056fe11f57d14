package io.sparkformer.model.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** One row for every sequence. */
public interface PoolingKernel {
  /** What the row is. */
  enum Kind {
    /** That of the sequence's first token. */
    FIRST,
    /** The mean over the sequence's tokens. */
    MEAN
  }

  /**
   * The backward pass returns the gradient of {@code x}.
   *
   * @param x {@code [tokens, width]}
   * @return {@code [sequences, width]}
   */
  Forward forward(INDArray x, Segments segments, Pass pass, Space space);
}
