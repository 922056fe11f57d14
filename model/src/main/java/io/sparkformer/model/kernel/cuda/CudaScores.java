package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.ScoreKernel;
import io.sparkformer.model.kernel.ScoreLoss;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.cuda.array.DeviceArray;
import io.sparkformer.model.kernel.cuda.product.DeviceMatrix;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The products run on the device; the scores are so few that the host computes their loss. */
final class CudaScores implements ScoreKernel {
  private final CudaEngine engine;
  private final CudaLinear linear;

  CudaScores(CudaEngine engine, CudaLinear linear) {
    this.engine = engine;
    this.linear = linear;
  }

  @Override
  public INDArray logits(INDArray x, Space space) {
    try (Call call = Call.of(engine)) {
      Call.Result result = call.result(space, x.size(0), linear.outputs());
      linear.forward(call.factor(DeviceMatrix.of(call.scratchOf(x), x.size(0), x.size(1))), result.matrix());
      return result.array();
    }
  }

  @Override
  public Loss loss(INDArray x, ScoreLoss loss) {
    try (Call call = Call.of(engine)) {
      DeviceArray scores = call.scratch(x.size(0), linear.outputs());
      linear.forward(call.factor(DeviceMatrix.of(call.scratchOf(x), x.size(0), x.size(1))), Call.matrix(scores));
      return toGradients(scores, loss, 0);
    }
  }

  @Override
  public OutputKernel.Result lossAndGradient(INDArray x, ScoreLoss loss, double weight, Space space) {
    try (Call call = Call.of(engine)) {
      Call.Result result = call.result(space, x.shape());
      DeviceMatrix in = call.factor(DeviceMatrix.of(call.scratchOf(x), x.size(0), x.size(1)));
      DeviceArray scores = call.scratch(x.size(0), linear.outputs());
      linear.forward(in, Call.matrix(scores));
      Loss computed = toGradients(scores, loss, weight);
      DeviceMatrix gradient = call.factor(Call.matrix(scores));
      linear.addWeightGradient(gradient, in);
      linear.addBiasGradient(call, Call.matrix(scores), 0);
      linear.inputGradient(gradient, result.matrix());
      return new OutputKernel.Result(computed, result.array());
    }
  }

  /** Replaces the scores by the gradients of {@code weight} times the loss's sum; returns it. */
  private Loss toGradients(DeviceArray scores, ScoreLoss loss, double weight) {
    float[] values = new float[(int) scores.length()];
    try (FloatPointer host = new FloatPointer(values.length)) {
      engine.queue().download(scores.address(), host, scores.bytes());
      host.get(values);
      double[] wide = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        wide[i] = values[i];
      }
      Loss computed = loss.toGradients(wide);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (weight * wide[i]);
      }
      host.put(values);
      engine.queue().upload(host, scores.address(), scores.bytes());
      return computed;
    }
  }
}
