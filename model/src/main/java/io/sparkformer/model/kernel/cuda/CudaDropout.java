package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.DropoutKernel;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.ResidualKernel;
import io.sparkformer.model.kernel.Space;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code dropout(x)} and {@code residual + dropout(x)}. */
final class CudaDropout {
  private final CudaEngine engine;
  private final Dropout dropout;

  CudaDropout(CudaEngine engine, Dropout dropout) {
    this.engine = engine;
    this.dropout = dropout;
  }

  DropoutKernel alone() {
    return this::forward;
  }

  ResidualKernel withResidual() {
    return this::forward;
  }

  private Forward forward(INDArray x, int[] places, Pass pass, Space space) {
    INDArray output = drop(x, null, Drops.of(dropout, pass), places, 0, space);
    Backward backward = (gradient, target) -> new INDArray[] {drop(gradient, null, Drops.of(dropout, pass), places, 0, target)};
    return pass.isTraining() ? new Forward(output, backward) : Forward.inference(output);
  }

  private Forward forward(INDArray x, INDArray residual, long firstToken, Pass pass, Space space) {
    INDArray output = drop(x, residual, Drops.of(dropout, pass), null, firstToken, space);
    Backward backward = (gradient, target) -> new INDArray[] {drop(gradient, null, Drops.of(dropout, pass), null, firstToken, target),
        drop(gradient, null, Drops.none(), null, firstToken, target)};
    return pass.isTraining() ? new Forward(output, backward) : Forward.inference(output);
  }

  /** @param places of the rows; null if they are one after another from {@code firstToken} on */
  private INDArray drop(INDArray x, INDArray residual, Drops drops, int[] places, long firstToken, Space space) {
    try (Call call = Call.of(engine)) {
      Call.Result result = call.result(space, x.shape());
      engine.forEach(engine.kernel("elementwise", "drop_out"), x.length(), result.address(), call.scratchOf(x),
          residual == null ? 0L : call.scratchOf(residual), places == null ? 0L : call.upload(places), (int) x.size(1), x.length(),
          drops.key(), drops.threshold(), drops.scale(),
          firstToken);
      return result.array();
    }
  }
}
