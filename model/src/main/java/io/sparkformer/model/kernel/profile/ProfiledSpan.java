package io.sparkformer.model.kernel.profile;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.SpanKernel;
import org.nd4j.linalg.api.ndarray.INDArray;

/** As {@link ProfiledOutput}, and under its name. */
record ProfiledSpan(SpanKernel kernel, KernelProfile profile) implements SpanKernel {
  @Override
  public Loss loss(INDArray x, Segments segments, INDArray labels) {
    return profile.forward(ProfiledOutput.KIND, () -> kernel.loss(x, segments, labels));
  }

  @Override
  public OutputKernel.Result lossAndGradient(INDArray x, Segments segments, INDArray labels, double weight, Space space) {
    return profile.forward(ProfiledOutput.KIND, () -> kernel.lossAndGradient(x, segments, labels, weight, space));
  }

  @Override
  public INDArray logits(INDArray x, Space space) {
    return profile.forward(ProfiledOutput.KIND, () -> kernel.logits(x, space));
  }
}
