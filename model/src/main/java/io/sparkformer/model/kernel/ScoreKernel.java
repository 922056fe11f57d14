package io.sparkformer.model.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The output projection {@code x W^T + b} of a head with so few scores that their loss is computed on the host: spans, values. */
public interface ScoreKernel {
  /**
   * Loss of a micro-batch, without a gradient.
   *
   * @param x {@code [rows, width]}
   */
  Loss loss(INDArray x, ScoreLoss loss);

  /** As {@link #loss}; adds the gradient of {@code weight} times its sum to the parameters', and keeps that of {@code x} in the result. */
  OutputKernel.Result lossAndGradient(INDArray x, ScoreLoss loss, double weight, Space space);

  /** {@code [rows, scores]}. */
  INDArray logits(INDArray x, Space space);
}
