package io.sparkformer.model.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code dropout(norm(x))} over each row; which norm, {@link io.sparkformer.model.config.NormConfig} says. */
public interface NormKernel {
  /**
   * The backward pass returns the gradient of {@code x}.
   *
   * @param x {@code [tokens, width]}
   * @param firstToken place of the first row in the global batch
   */
  Forward forward(INDArray x, long firstToken, Pass pass, Space space);
}
