package io.sparkformer.model.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code dropout(x)}, before a classifier. */
public interface DropoutKernel {
  /**
   * The backward pass returns the gradient of {@code x}.
   *
   * @param x {@code [rows, width]}
   * @param firstRow place of the first row in the global batch
   */
  Forward forward(INDArray x, long firstRow, Pass pass, Space space);
}
