package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.NormKernel;
import io.sparkformer.model.kernel.NormWeights;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.product.Engine;
import io.sparkformer.model.kernel.cpu.rows.ColumnSums;
import io.sparkformer.model.kernel.cpu.rows.DropoutRows;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import io.sparkformer.model.kernel.cpu.rows.Masks;
import io.sparkformer.model.kernel.cpu.rows.Normalization;
import org.nd4j.linalg.api.ndarray.INDArray;

final class CpuNorm implements NormKernel {
  private final Engine engine;
  private final Normalization normalization;
  private final Dropout dropout;

  CpuNorm(Engine engine, NormWeights weights, NormConfig config, Dropout dropout) {
    this.engine = engine;
    this.normalization = new Normalization(weights, config);
    this.dropout = dropout;
  }

  @Override
  public Forward forward(INDArray x, long firstToken, Pass pass, Space space) {
    INDArray result = space.array(x.dataType(), x.shape());
    Matrix in = Matrix.of(x);
    Matrix out = Matrix.of(result);
    Masks masks = Masks.of(dropout, pass, firstToken);
    RowBlocks blocks = RowBlocks.of(in.rows());
    long mark = engine.memory().mark();
    Normalization.Normalized normalized = normalization.memory(engine.memory(), pass, out);
    engine.team().run(blocks.count(), block -> {
      float[] lanes = new float[Lanes.COUNT];
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        normalization.forward(in, i, normalized, out, lanes);
        if (masks.applies()) {
          DropoutRows.dropRow(out, out, i, masks);
        }
      }
    });
    if (!pass.isTraining()) {
      engine.memory().release(mark);
      return Forward.inference(result);
    }
    return new Forward(result, (outputGradient, target) -> backward(normalized, masks, outputGradient, target));
  }

  private INDArray[] backward(Normalization.Normalized normalized, Masks masks, INDArray outputGradient, Space space) {
    INDArray result = space.array(outputGradient.dataType(), outputGradient.shape());
    Matrix dy = Matrix.of(outputGradient);
    Matrix dx = Matrix.of(result);
    RowBlocks blocks = RowBlocks.of(dy.rows());
    ColumnSums sums = normalization.sums(blocks);
    engine.team().run(blocks.count(), block -> {
      float[] lanes = new float[Lanes.COUNT];
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        if (masks.applies()) {
          DropoutRows.dropRow(dy, dx, i, masks);
        }
        normalization.backward(masks.applies() ? dx : dy, i, normalized, sums, block, dx, lanes);
      }
    });
    normalization.addParameterGradients(sums);
    return new INDArray[] {result};
  }
}
