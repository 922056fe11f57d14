package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.Backward;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.DropoutKernel;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;

final class Nd4jDropout implements DropoutKernel {
  private final Dropout dropout;
  private final Nd4jMemory memory;

  Nd4jDropout(Dropout dropout, Nd4jMemory memory) {
    this.dropout = dropout;
    this.memory = memory;
  }

  @Override
  public Forward forward(INDArray x, int[] places, Pass pass, Space space) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      INDArray out = dropped(x, places, pass, space);
      Backward backward = (outputGradient, gradients) -> new INDArray[] {dropped(outputGradient, places, pass, gradients)};
      return memory.result(pass, out, backward);
    }
  }

  private INDArray dropped(INDArray x, int[] places, Pass pass, Space space) {
    return Nd4jOps.dropOut(space.array(x.dataType(), x.shape()).assign(x), dropout, pass, row -> places[row]);
  }
}
