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
  public Forward forward(INDArray x, long firstRow, Pass pass, Space space) {
    Masks masks = Masks.of(dropout, pass, firstRow);
    INDArray result = drop(x, masks, space);
    return pass.isTraining()
        ? new Forward(result, (outputGradient, target) -> new INDArray[] {drop(outputGradient, masks, target)})
        : Forward.inference(result);
  }

  private INDArray drop(INDArray x, Masks masks, Space space) {
    INDArray result = space.array(x.dataType(), x.shape());
    Matrix in = Matrix.of(x);
    Matrix out = Matrix.of(result);
    RowBlocks blocks = RowBlocks.of(in.rows());
    engine.team().run(blocks.count(), block -> {
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        DropoutRows.dropRow(in, out, i, masks);
      }
    });
    return result;
  }
}
