package io.sparkformer.model.kernel;

import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code dropout(activation(x W1^T + b1)) W2^T + b2}: the paper, equation 2. */
public interface FeedForwardKernel {
  /**
   * @param x {@code [tokens, d_model]}
   * @param firstToken place of the first row in the global batch
   * @return {@code [tokens, d_model]}
   */
  INDArray forward(INDArray x, long firstToken, Pass pass, LayerWorkspaceMgr space);

  /**
   * Adds to the parameters' gradients.
   *
   * @param outputGradient {@code [tokens, d_model]}
   * @return the gradient of {@code x}
   */
  INDArray backward(INDArray outputGradient, LayerWorkspaceMgr space);
}
