package io.sparkformer.model.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The end of a sub-layer: its output is dropped out and added to the residual stream, and normalized in a post-norm network. */
public interface ResidualKernel {
  /**
   * The backward pass returns the gradients of {@code x} and {@code residual}, each in an array of its own.
   *
   * @param x {@code [tokens, width]}, the sub-layer's output
   * @param residual {@code [tokens, width]}
   * @param firstToken place of the first row in the global batch
   */
  Forward forward(INDArray x, INDArray residual, long firstToken, Pass pass, Space space);
}
