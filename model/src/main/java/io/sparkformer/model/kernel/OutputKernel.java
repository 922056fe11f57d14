package io.sparkformer.model.kernel;

import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The output projection {@code scale * x W^T + b}, and the cross-entropy of its softmax (Vaswani et al. 2017, section 3.4) with the
 * {@link LossTerms} of training. Training and scoring work in blocks of rows, so that {@code [tokens, classes]} never exists whole,
 * and skip rows whose label is negative.
 */
public interface OutputKernel {
  /**
   * Loss of a micro-batch, without a gradient.
   *
   * @param x {@code [rows, width]}
   * @param labels INT {@code [rows]}; rows with a negative label do not count
   */
  Loss loss(INDArray x, INDArray labels);

  /**
   * Loss of a micro-batch; adds the gradient of {@code weight} times its sum over rows to the parameters', and keeps that of {@code x} in
   * the result.
   */
  Result lossAndGradient(INDArray x, INDArray labels, double weight, Space space);

  /**
   * The unnormalized scores of every class.
   *
   * @param x {@code [rows, width]}
   * @return {@code [rows, classes]}
   */
  INDArray logits(INDArray x, Space space);

  /**
   * The most probable next tokens of every row.
   *
   * @param x {@code [rows, width]}
   * @param k tokens wanted for each row, at most the vocabulary
   * @param endToken whose log-probability is given in any case
   */
  NextTokens nextTokens(INDArray x, int k, int endToken);

  /**
   * @param computed the loss of the micro-batch: to ask for it may take as long as all that was begun before
   * @param inputGradient {@code [rows, width]}
   */
  record Result(Supplier<Loss> computed, INDArray inputGradient) {
    public Result(Loss loss, INDArray inputGradient) {
      this(() -> loss, inputGradient);
    }

    public Loss loss() {
      return computed.get();
    }
  }
}
