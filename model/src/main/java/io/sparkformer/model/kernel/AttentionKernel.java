package io.sparkformer.model.kernel;

import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Multi-head attention with its four projections: the paper, section 3.2.
 * {@code softmax(Q K^T / sqrt(head_width)) V} per head, the heads concatenated and projected. A query sees the keys of its own
 * sentence only.
 */
public interface AttentionKernel {
  /**
   * @param query {@code [query tokens, d_model]}
   * @param memory {@code [memory tokens, d_model]}: what keys and values are made of; the same array as {@code query} in
   *     self-attention
   * @return {@code [query tokens, d_model]}
   */
  INDArray forward(INDArray query, Segments querySegments, INDArray memory, Segments memorySegments, Pass pass, LayerWorkspaceMgr space);

  /**
   * Adds to the parameters' gradients. That of the keys' bias is exactly zero and left alone: the bias adds the same number to all
   * scores of a query, which softmax does not see. Rounding would give a gradient of noise, which Adam would blow up to full steps.
   *
   * @param outputGradient {@code [query tokens, d_model]}
   */
  Gradients backward(INDArray outputGradient, LayerWorkspaceMgr space);

  /**
   * The gradients of a backward pass.
   *
   * @param query {@code [query tokens, d_model]}; in self-attention the whole gradient of the input
   * @param memory {@code [memory tokens, d_model]}; null in self-attention
   */
  record Gradients(INDArray query, INDArray memory) {}

  /** An empty cache for decoding {@code rows} sentences with causal self-attention. */
  KeyValueCache emptyCache(int rows);

  /** A cache of the keys and values of encoded sentences, for cross-attention: row {@code i} sees sentence {@code i}. */
  KeyValueCache cacheOf(INDArray memory, Segments segments);

  /**
   * One decoding step of causal self-attention: appends the key and the value of {@code x} to the cache, then attends to it.
   *
   * @param x {@code [rows, d_model]}
   * @return {@code [rows, d_model]}
   */
  INDArray stepSelf(INDArray x, KeyValueCache cache, LayerWorkspaceMgr space);

  /** One decoding step of cross-attention; the cache stays as it is. Shapes as in {@link #stepSelf}. */
  INDArray stepCross(INDArray x, KeyValueCache cache, LayerWorkspaceMgr space);
}
