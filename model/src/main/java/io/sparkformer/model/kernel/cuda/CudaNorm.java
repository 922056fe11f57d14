package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.NormKernel;
import io.sparkformer.model.kernel.NormWeights;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.ResidualKernel;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.cuda.array.DeviceArray;
import io.sparkformer.model.kernel.cuda.array.DeviceWeight;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code dropout(norm(x))} and {@code norm(residual + dropout(x))}: one kernel with a block of threads for each row. */
final class CudaNorm {
  private final CudaEngine engine;
  private final DeviceWeight gain;
  /** Null for none. */
  private final DeviceWeight bias;
  private final float epsilon;
  /** Layer norm subtracts the mean, RMS norm does not. */
  private final int centres;
  private final Dropout dropout;

  CudaNorm(CudaEngine engine, NormWeights weights, NormConfig config, Dropout dropout) {
    this.engine = engine;
    this.gain = engine.weights().of(weights.gain());
    this.bias = engine.weights().of(weights.bias());
    this.epsilon = (float) config.epsilon();
    this.centres = config.kind() == NormConfig.Kind.RMS ? 0 : 1;
    this.dropout = dropout;
  }

  /** The norm alone; dropout comes after it. */
  NormKernel alone() {
    return (x, firstToken, pass, space) -> forward(x, null, firstToken, pass, space, Drops.none(), Drops.of(dropout, pass));
  }

  /** After a residual sum; dropout comes before that. */
  ResidualKernel ofSum() {
    return (x, residual, firstToken, pass, space) ->
        forward(x, residual, firstToken, pass, space, Drops.of(dropout, pass), Drops.none());
  }

  /** @param residual null for none */
  private Forward forward(INDArray x, INDArray residual, long firstToken, Pass pass, Space space, Drops in, Drops out) {
    try (Call call = Call.of(engine, pass)) {
      Call.Result result = call.result(space, x.shape());
      boolean trains = pass.isTraining();
      DeviceArray normalized = trains ? call.keep(x.shape()) : null;
      DeviceArray inverse = trains ? call.keep(x.size(0), 1) : null;
      long from = call.scratchOf(x);
      long rest = residual == null ? 0 : call.scratchOf(residual);
      int columns = (int) x.size(1);
      engine.forRows(engine.kernel("norm", "norm_forward"), x.size(0), columns, columns, from, rest, gain.address(),
          bias == null ? 0L : bias.address(), result.address(), trains ? normalized.address() : 0L, trains ? inverse.address() : 0L,
          columns,
          epsilon, centres, in.key(), in.threshold(), in.scale(), out.key(), out.threshold(), out.scale(), firstToken);
      Backward backward = (gradient, target) -> backward(gradient, normalized, inverse, residual != null, firstToken, in, out, target);
      return trains ? new Forward(result.array(), backward) : Forward.inference(result.array());
    }
  }

  private INDArray[] backward(INDArray outputGradient, DeviceArray normalized, DeviceArray inverse, boolean ofSum, long firstToken,
      Drops in,
      Drops out, Space space) {
    try (Call call = Call.of(engine)) {
      Call.Result ofX = call.result(space, outputGradient.shape());
      Call.Result ofResidual = ofSum ? call.result(space, outputGradient.shape()) : null;
      DeviceArray dy = call.read(outputGradient);
      int columns = (int) dy.size(1);
      engine.forRows(engine.kernel("norm", "norm_backward"), dy.size(0), columns, 0, dy.address(), gain.address(), normalized.address(),
          inverse.address(), (ofSum ? ofResidual : ofX).address(), ofSum ? ofX.address() : 0L, columns, centres, in.key(), in.threshold(),
          in.scale(), out.key(), out.threshold(), out.scale(), firstToken);
      if (gain.hasGradient()) {
        ColumnSums.add(engine, call, Call.matrix(dy), normalized.address(), out, firstToken, gain.gradient());
      }
      if (bias != null && bias.hasGradient()) {
        ColumnSums.add(engine, call, Call.matrix(dy), 0, out, firstToken, bias.gradient());
      }
      return ofSum ? new INDArray[] {ofX.array(), ofResidual.array()} : new INDArray[] {ofX.array()};
    }
  }
}
