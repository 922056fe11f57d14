package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.DropoutKernel;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.product.Engine;
import io.sparkformer.model.kernel.cpu.rows.DropoutRows;
import io.sparkformer.model.kernel.cpu.rows.Masks;
import org.nd4j.linalg.api.ndarray.INDArray;

final class CpuDropout implements DropoutKernel {
  private final Engine engine;
  private final Dropout dropout;

  CpuDropout(Engine engine, Dropout dropout) {
    this.engine = engine;
    this.dropout = dropout;
  }

  @Override
  public Forward forward(INDArray x, int[] places, Pass pass, Space space) {
    Masks masks = Masks.of(dropout, pass, 0);
    INDArray result = drop(x, places, masks, space);
    return pass.isTraining()
        ? new Forward(result, (outputGradient, target) -> new INDArray[] {drop(outputGradient, places, masks, target)})
        : Forward.inference(result);
  }

  private INDArray drop(INDArray x, int[] places, Masks masks, Space space) {
    INDArray result = space.array(x.dataType(), x.shape());
    Matrix in = Matrix.of(x);
    Matrix out = Matrix.of(result);
    RowBlocks blocks = RowBlocks.of(in.rows());
    engine.team().run(blocks.count(), block -> {
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        DropoutRows.dropRow(in, out, i, places[i], masks);
      }
    });
    return result;
  }
}
