package io.sparkformer.model.kernel.profile;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.Space;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The output layer; its one call for training is forward and backward, and counts as forward. */
record ProfiledOutput(OutputKernel kernel, KernelProfile profile) implements OutputKernel {
  static final String KIND = "output, softmax, loss";

  @Override
  public Loss loss(INDArray x, INDArray labels) {
    return profile.forward(KIND, () -> kernel.loss(x, labels));
  }

  @Override
  public Result lossAndGradient(INDArray x, INDArray labels, double weight, Space space) {
    return profile.forward(KIND, () -> kernel.lossAndGradient(x, labels, weight, space));
  }

  @Override
  public INDArray logits(INDArray x, Space space) {
    return profile.forward(KIND, () -> kernel.logits(x, space));
  }

  @Override
  public NextTokens nextTokens(INDArray x, int k, int endToken) {
    return profile.forward(KIND, () -> kernel.nextTokens(x, k, endToken));
  }
}
