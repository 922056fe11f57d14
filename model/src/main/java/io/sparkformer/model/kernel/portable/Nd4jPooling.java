package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.PoolingKernel;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The mean over the first tokens of a sequence: over one token, or over all. */
final class Nd4jPooling implements PoolingKernel {
  private final Kind kind;
  private final Nd4jMemory memory;

  Nd4jPooling(Kind kind, Nd4jMemory memory) {
    this.kind = kind;
    this.memory = memory;
  }

  @Override
  public Forward forward(INDArray x, Segments segments, Pass pass, Space space) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      INDArray out = space.array(x.dataType(), segments.sentences(), x.size(1));
      for (int s = 0; s < segments.sentences(); s++) {
        Nd4jOps.rows(out, s, s + 1).assign(pooled(x, segments, s).mean(true, 0));
      }
      Backward backward = (outputGradient, gradients) -> {
        INDArray inputGradient = gradients.array(x.dataType(), x.shape()).assign(0);
        for (int s = 0; s < segments.sentences(); s++) {
          INDArray rows = pooled(inputGradient, segments, s);
          rows.addiRowVector(Nd4jOps.rows(outputGradient, s, s + 1).div(rows.size(0)));
        }
        return new INDArray[] {inputGradient};
      };
      return memory.result(pass, out, backward);
    }
  }

  private INDArray pooled(INDArray x, Segments segments, int sequence) {
    int length = segments.length(sequence);
    if (length == 0) {
      throw new IllegalArgumentException("Sequence %d has no token to pool".formatted(sequence));
    }
    int start = segments.start(sequence);
    return Nd4jOps.rows(x, start, start + (kind == Kind.FIRST ? 1 : length));
  }
}
