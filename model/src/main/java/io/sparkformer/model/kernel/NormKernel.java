package io.sparkformer.model.kernel;

import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Layer normalization (Ba et al. 2016): {@code (x - mean) / sqrt(variance + epsilon) * gain + bias} over each row. */
public interface NormKernel {
  /**
   * @param x {@code [tokens, d_model]}
   * @return {@code [tokens, d_model]}
   */
  INDArray forward(INDArray x, Pass pass, LayerWorkspaceMgr space);

  /** Adds to the gradients of gain and bias; returns the gradient of {@code x}. */
  INDArray backward(INDArray outputGradient, LayerWorkspaceMgr space);
}
