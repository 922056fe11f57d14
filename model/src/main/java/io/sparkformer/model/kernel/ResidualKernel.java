package io.sparkformer.model.kernel;

import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The end of a sub-layer: its output is dropped out and added to the residual stream, and normalized in a post-norm network. */
public interface ResidualKernel {
  /**
   * @param x {@code [tokens, d_model]}, the sub-layer's output
   * @param residual {@code [tokens, d_model]}
   * @param firstToken place of the first row in the global batch
   * @return {@code [tokens, d_model]}
   */
  INDArray forward(INDArray x, INDArray residual, long firstToken, Pass pass, LayerWorkspaceMgr space);

  /** Adds to the parameters' gradients, if there are parameters. */
  Gradients backward(INDArray outputGradient, LayerWorkspaceMgr space);

  /** The gradients of the two inputs, each {@code [tokens, d_model]}, in arrays of their own. */
  record Gradients(INDArray x, INDArray residual) {}
}
