package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.PoolingKernel;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The mean over the first tokens of a sequence: over one token, or over all. */
final class CudaPooling implements PoolingKernel {
  private final CudaEngine engine;
  private final Kind kind;

  CudaPooling(CudaEngine engine, Kind kind) {
    this.engine = engine;
    this.kind = kind;
  }

  @Override
  public Forward forward(INDArray x, Segments segments, Pass pass, Space space) {
    int[] starts = new int[segments.sentences()];
    int[] counts = new int[segments.sentences()];
    for (int s = 0; s < starts.length; s++) {
      if (segments.length(s) == 0) {
        throw new IllegalArgumentException("Sequence %d has no token to pool".formatted(s));
      }
      starts[s] = segments.start(s);
      counts[s] = kind == Kind.FIRST ? 1 : segments.length(s);
    }
    try (Call call = Call.of(engine)) {
      Call.Result result = call.result(space, starts.length, x.size(1));
      launch(call, "pool", call.scratchOf(x), starts, counts, result.address(), x.size(1));
      Backward backward = (gradient, target) -> backward(gradient, x.shape(), starts, counts, target);
      return pass.isTraining() ? new Forward(result.array(), backward) : Forward.inference(result.array());
    }
  }

  private INDArray[] backward(INDArray outputGradient, long[] shape, int[] starts, int[] counts, Space space) {
    try (Call call = Call.of(engine)) {
      Call.Result result = call.result(space, shape);
      engine.queue().fill(result.address(), (byte) 0, result.device().bytes());
      launch(call, "pool_backward", call.scratchOf(outputGradient), starts, counts, result.address(), shape[1]);
      return new INDArray[] {result.array()};
    }
  }

  private void launch(Call call, String kernel, long from, int[] starts, int[] counts, long to, long columns) {
    engine.forRows(engine.kernel("rows", kernel), starts.length, columns, 0, from, call.upload(starts), call.upload(counts), to,
        (int) columns);
  }
}
