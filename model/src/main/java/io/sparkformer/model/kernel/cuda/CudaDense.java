package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.kernel.DenseKernel;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.cuda.array.DeviceArray;
import io.sparkformer.model.kernel.cuda.product.DeviceMatrix;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The first half of a feed-forward layer. */
final class CudaDense implements DenseKernel {
  private final CudaEngine engine;
  private final CudaLinear linear;
  private final Activation activation;

  CudaDense(CudaEngine engine, CudaLinear linear, Activation activation) {
    this.engine = engine;
    this.linear = linear;
    this.activation = activation;
  }

  @Override
  public Forward forward(INDArray x, Pass pass, Space space) {
    try (Call call = Call.of(engine, pass)) {
      Call.Result result = call.result(space, x.size(0), linear.outputs());
      DeviceArray in = call.read(x);
      DeviceArray sums = call.keep(x.size(0), linear.outputs());
      linear.forward(call.factor(Call.matrix(in)), Call.matrix(sums));
      activate("activation_forward", sums, result.device());
      return pass.isTraining() ? new Forward(result.array(), (gradient, target) -> backward(gradient, in, sums, target))
          : Forward.inference(result.array());
    }
  }

  private INDArray[] backward(INDArray outputGradient, DeviceArray x, DeviceArray sums, Space space) {
    try (Call call = Call.of(engine)) {
      Call.Result result = call.result(space, x.shape());
      activate("activation_backward", sums, call.read(outputGradient));
      DeviceMatrix dy = call.factor(Call.matrix(sums));
      linear.addWeightGradient(dy, call.factor(Call.matrix(x)));
      linear.addBiasGradient(call, Call.matrix(sums), 0);
      linear.inputGradient(dy, result.matrix());
      return new INDArray[] {result.array()};
    }
  }

  private void activate(String kernel, DeviceArray sums, DeviceArray outputs) {
    CudaFeedForward.activate(engine, kernel, sums, outputs, FeedForwardConfig.Kind.PLAIN, activation, Drops.none(), 0);
  }
}
