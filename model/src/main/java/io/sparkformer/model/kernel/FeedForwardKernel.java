package io.sparkformer.model.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The position-wise feed-forward layer that {@link io.sparkformer.model.config.FeedForwardConfig} describes. */
public interface FeedForwardKernel {
  /**
   * The backward pass returns the gradient of {@code x}.
   *
   * @param x {@code [tokens, width]}
   * @param firstToken place of the first row in the global batch
   */
  Forward forward(INDArray x, long firstToken, Pass pass, Space space);
}
