package io.sparkformer.model.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code activation(x W^T + b)}: BERT's pooler and the transform before its output layer. */
public interface DenseKernel {
  /**
   * The backward pass returns the gradient of {@code x}.
   *
   * @param x {@code [rows, in]}
   * @return {@code [rows, out]}
   */
  Forward forward(INDArray x, Pass pass, Space space);
}
