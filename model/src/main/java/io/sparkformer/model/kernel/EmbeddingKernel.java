package io.sparkformer.model.kernel;

import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@code dropout(table[id] * sqrt(d_model) + position(p))}: the paper, sections 3.4 and 3.5.
 * {@code position(p)[2i] = sin(p / 10000^(2i / d_model))}, {@code position(p)[2i + 1] = cos(p / 10000^(2i / d_model))}.
 */
public interface EmbeddingKernel {
  /**
   * @param ids INT {@code [tokens]}
   * @return {@code [tokens, d_model]}
   */
  INDArray forward(INDArray ids, Segments segments, Pass pass, LayerWorkspaceMgr memory);

  /**
   * Adds to the table's gradient.
   *
   * @param outputGradient {@code [tokens, d_model]}
   */
  void backward(INDArray outputGradient);

  /**
   * One decoding step.
   *
   * @param ids INT {@code [rows]}, each the token at {@code position} of its sentence
   * @return {@code [rows, d_model]}
   */
  INDArray step(INDArray ids, int position, LayerWorkspaceMgr memory);
}
