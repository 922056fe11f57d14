package io.sparkformer.model.kernel.profile;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.ScoreKernel;
import io.sparkformer.model.kernel.ScoreLoss;
import io.sparkformer.model.kernel.Space;
import org.nd4j.linalg.api.ndarray.INDArray;

/** As {@link ProfiledOutput}, and under its name. */
record ProfiledScores(ScoreKernel kernel, KernelProfile profile) implements ScoreKernel {
  @Override
  public Loss loss(INDArray x, ScoreLoss loss) {
    return profile.forward(ProfiledOutput.KIND, () -> kernel.loss(x, loss));
  }

  @Override
  public OutputKernel.Result lossAndGradient(INDArray x, ScoreLoss loss, double weight, Space space) {
    return profile.forward(ProfiledOutput.KIND, () -> kernel.lossAndGradient(x, loss, weight, space));
  }

  @Override
  public INDArray logits(INDArray x, Space space) {
    return profile.forward(ProfiledOutput.KIND, () -> kernel.logits(x, space));
  }
}
