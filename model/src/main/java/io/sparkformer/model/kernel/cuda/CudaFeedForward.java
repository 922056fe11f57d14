package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.FeedForwardKernel;
import io.sparkformer.model.kernel.FeedForwardWeights;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.cuda.array.DeviceArray;
import io.sparkformer.model.kernel.cuda.product.DeviceMatrix;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A training pass keeps the inner sums; activation and dropout are computed again in the backward pass. */
final class CudaFeedForward implements FeedForwardKernel {
  private final CudaEngine engine;
  private final CudaLinear inner;
  private final CudaLinear outer;
  private final FeedForwardConfig config;
  private final Dropout dropout;

  CudaFeedForward(CudaEngine engine, FeedForwardWeights weights, FeedForwardConfig config, Dropout dropout) {
    this.engine = engine;
    this.inner = new CudaLinear(engine, weights.inner(), weights.innerBias());
    this.outer = new CudaLinear(engine, weights.outer(), weights.outerBias());
    this.config = config;
    this.dropout = dropout;
  }

  @Override
  public Forward forward(INDArray x, long firstToken, Pass pass, Space space) {
    try (Call call = Call.of(engine, pass)) {
      Call.Result result = call.result(space, x.size(0), outer.outputs());
      DeviceArray in = call.read(x);
      DeviceArray sums = call.keep(x.size(0), inner.outputs());
      inner.forward(call.factor(Call.matrix(in)), Call.matrix(sums));
      outer.forward(call.factor(hidden(call, sums, firstToken, pass)), result.matrix());
      return pass.isTraining()
          ? new Forward(result.array(), (gradient, target) -> backward(gradient, in, sums, firstToken, pass, target))
          : Forward.inference(result.array());
    }
  }

  /** What the outer product reads: {@code [tokens, ffn]}. */
  private DeviceMatrix hidden(Call call, DeviceArray sums, long firstToken, Pass pass) {
    DeviceArray hidden = call.scratch(sums.size(0), config.inner());
    activate(engine, "activation_forward", sums, hidden, config.kind(), config.activation(), Drops.of(dropout, pass), firstToken);
    return Call.matrix(hidden);
  }

  private INDArray[] backward(INDArray outputGradient, DeviceArray x, DeviceArray sums, long firstToken, Pass pass, Space space) {
    try (Call call = Call.of(engine)) {
      Call.Result result = call.result(space, x.shape());
      DeviceMatrix dy = Call.matrix(call.read(outputGradient));
      DeviceMatrix dyFactor = call.factor(dy);
      outer.addWeightGradient(dyFactor, call.factor(hidden(call, sums, firstToken, pass)));
      outer.addBiasGradient(call, dy, 0);
      DeviceArray gradient = call.scratch(sums.size(0), config.inner());
      outer.inputGradient(dyFactor, Call.matrix(gradient));
      activate(engine, "activation_backward", sums, gradient, config.kind(), config.activation(), Drops.of(dropout, pass), firstToken);
      DeviceMatrix ofSums = call.factor(Call.matrix(sums));
      inner.addWeightGradient(ofSums, call.factor(Call.matrix(x)));
      inner.addBiasGradient(call, Call.matrix(sums), 0);
      inner.inputGradient(ofSums, result.matrix());
      return new INDArray[] {result.array()};
    }
  }

  /** {@code activation_forward} writes {@code hidden}; {@code activation_backward} reads its gradient there and replaces the sums. */
  static void activate(CudaEngine engine, String kernel, DeviceArray sums, DeviceArray hidden, FeedForwardConfig.Kind kind,
      Activation activation, Drops drops, long firstToken) {
    engine.forEach(engine.kernel("activation", kernel), hidden.length(), sums.address(), hidden.address(), (int) hidden.size(1),
        kind == FeedForwardConfig.Kind.GATED ? 1 : 0, activation.ordinal(), hidden.length(), drops.key(), drops.threshold(), drops.scale(),
        firstToken);
  }
}
