package io.sparkformer.model.kernel;

import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The output projection, and the label-smoothed cross-entropy of its softmax (the paper, sections 3.4 and 5.4). Training and
 * scoring work in blocks of rows, so that {@code [tokens, vocabulary]} never exists whole.
 */
public interface OutputKernel {
  /**
   * Loss of a micro-batch, without a gradient.
   *
   * @param x {@code [tokens, d_model]}
   * @param targets INT {@code [tokens]}
   */
  Loss loss(INDArray x, INDArray targets);

  /** Loss of a micro-batch; adds the gradient of its sum over tokens to the table's, and keeps that of {@code x} in the result. */
  Result lossAndGradient(INDArray x, INDArray targets, LayerWorkspaceMgr space);

  /**
   * The unnormalized scores of every token of the vocabulary.
   *
   * @param x {@code [rows, d_model]}
   * @return {@code [rows, vocabulary]}
   */
  INDArray logits(INDArray x, LayerWorkspaceMgr space);

  /**
   * The most probable next tokens of every row.
   *
   * @param x {@code [rows, d_model]}
   * @param k tokens wanted for each row, at most the vocabulary
   * @param endToken whose log-probability is given in any case
   */
  NextTokens nextTokens(INDArray x, int k, int endToken);

  /**
   * Sums over the target tokens of a micro-batch, in nats.
   *
   * @param smoothed label-smoothed cross-entropy: what training minimizes
   * @param negativeLogLikelihood plain cross-entropy
   * @param tokens how many target tokens
   */
  record Loss(double smoothed, double negativeLogLikelihood, long tokens) {
    public static final Loss ZERO = new Loss(0, 0, 0);

    public Loss plus(Loss other) {
      return new Loss(smoothed + other.smoothed, negativeLogLikelihood + other.negativeLogLikelihood, tokens + other.tokens);
    }
  }

  /**
   * @param loss of the micro-batch
   * @param inputGradient {@code [tokens, d_model]}
   */
  record Result(Loss loss, INDArray inputGradient) {}
}
