package io.sparkformer.model.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code dropout(x)}, before a classifier. */
public interface DropoutKernel {
  /**
   * The backward pass returns the gradient of {@code x}.
   *
   * @param x {@code [rows, width]}
   * @param places place of each row in the global batch: {@code [rows]}, see {@link Segments#placesOfTokens} and
   *     {@link Segments#placesOfSequences}
   */
  Forward forward(INDArray x, int[] places, Pass pass, Space space);
}
