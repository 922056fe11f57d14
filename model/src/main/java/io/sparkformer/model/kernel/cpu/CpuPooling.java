package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.PoolingKernel;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.product.Engine;
import io.sparkformer.model.kernel.cpu.rows.ScaledRows;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Each row is the sum of the sequence's first rows, one or all, times the inverse of their number. */
final class CpuPooling implements PoolingKernel {
  private final Engine engine;
  private final Kind kind;

  CpuPooling(Engine engine, Kind kind) {
    this.engine = engine;
    this.kind = kind;
  }

  @Override
  public Forward forward(INDArray x, Segments segments, Pass pass, Space space) {
    INDArray result = space.array(x.dataType(), segments.sentences(), x.size(1));
    Matrix in = Matrix.of(x);
    Matrix out = Matrix.of(result);
    for (int s = 0; s < segments.sentences(); s++) {
      if (segments.length(s) == 0) {
        throw new IllegalArgumentException("Sequence %d has no token to pool".formatted(s));
      }
    }
    engine.team().run(segments.sentences(), s -> {
      ScaledRows.copy(in, segments.start(s), 1, out, s);
      for (int i = 1; i < pooled(segments, s); i++) {
        ScaledRows.add(in, segments.start(s) + i, out, s);
      }
      ScaledRows.copy(out, s, 1f / pooled(segments, s), out, s);
    });
    return pass.isTraining()
        ? new Forward(result, (outputGradient, target) -> backward(outputGradient, segments, target))
        : Forward.inference(result);
  }

  /** Rows of a sequence that are summed up. */
  private int pooled(Segments segments, int sequence) {
    return kind == Kind.FIRST ? 1 : segments.length(sequence);
  }

  private INDArray[] backward(INDArray outputGradient, Segments segments, Space space) {
    INDArray result = space.array(outputGradient.dataType(), segments.tokens(), outputGradient.size(1));
    Matrix dy = Matrix.of(outputGradient);
    Matrix dx = Matrix.of(result);
    engine.team().run(segments.sentences(), s -> {
      int pooled = pooled(segments, s);
      for (int i = 0; i < pooled; i++) {
        ScaledRows.copy(dy, s, 1f / pooled, dx, segments.start(s) + i);
      }
      for (int i = pooled; i < segments.length(s); i++) {
        ScaledRows.clear(dx, segments.start(s) + i);
      }
    });
    return new INDArray[] {result};
  }
}
