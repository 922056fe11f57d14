package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.ResidualKernel;
import io.sparkformer.model.kernel.Space;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;

final class Nd4jResidual implements ResidualKernel {
  private final Dropout dropout;
  /** Of the sum; null for none. */
  private final Nd4jNorm norm;
  private final Nd4jMemory memory;

  Nd4jResidual(Dropout dropout, Nd4jNorm norm, Nd4jMemory memory) {
    this.dropout = dropout;
    this.norm = norm;
    this.memory = memory;
  }

  @Override
  public Forward forward(INDArray x, INDArray residual, long firstToken, Pass pass, Space space) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      INDArray sum = norm == null ? space.array(x.dataType(), x.shape()) : Nd4jOps.temporary(x.dataType(), x.shape());
      Nd4jOps.dropOut(sum.assign(x), dropout, pass, firstToken).addi(residual);
      Forward normed = norm == null ? new Forward(sum, null) : norm.forward(sum, firstToken, pass, space);
      Backward backward = (outputGradient, gradients) -> backward(outputGradient, normed.backward(), firstToken, pass, gradients);
      return memory.result(pass, normed.output(), backward);
    }
  }

  private INDArray[] backward(INDArray outputGradient, Backward norm, long firstToken, Pass pass, Space space) {
    INDArray residual = norm == null
        ? space.array(outputGradient.dataType(), outputGradient.shape()).assign(outputGradient)
        : norm.run(outputGradient, space)[0];
    INDArray x = space.array(residual.dataType(), residual.shape()).assign(residual);
    return new INDArray[] {Nd4jOps.dropOut(x, dropout, pass, firstToken), residual};
  }
}
