package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.ResidualKernel;
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

/** Residual sum, dropout and, in a post-norm network, a norm, row by row. */
final class CpuResidual implements ResidualKernel {
  private final Engine engine;
  private final Dropout dropout;
  /** Null in a pre-norm network. */
  private final Normalization normalization;

  CpuResidual(Engine engine, Dropout dropout, Normalization normalization) {
    this.engine = engine;
    this.dropout = dropout;
    this.normalization = normalization;
  }

  @Override
  public Forward forward(INDArray x, INDArray residual, long firstToken, Pass pass, Space space) {
    INDArray result = space.array(x.dataType(), x.shape());
    Matrix in = Matrix.of(x);
    Matrix stream = Matrix.of(residual);
    Matrix out = Matrix.of(result);
    Masks masks = Masks.of(dropout, pass, firstToken);
    RowBlocks blocks = RowBlocks.of(in.rows());
    long mark = engine.memory().mark();
    Normalization.Normalized normalized = normalization == null ? null : normalization.memory(engine.memory(), pass, out);
    engine.team().run(blocks.count(), block -> {
      if (normalization == null) {
        for (int i = blocks.start(block); i < blocks.end(block); i++) {
          DropoutRows.addRow(in, stream, i, masks, i, out);
        }
      } else {
        float[] lanes = new float[Lanes.COUNT];
        for (int i = blocks.start(block); i < blocks.end(block); i++) {
          DropoutRows.addRow(in, stream, i, masks, i, normalized.rows());
          normalization.forward(normalized.rows(), i, normalized, out, lanes);
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
    INDArray x = space.array(outputGradient.dataType(), outputGradient.shape());
    INDArray residual = space.array(outputGradient.dataType(), outputGradient.shape());
    Matrix dy = Matrix.of(outputGradient);
    Matrix dx = Matrix.of(x);
    Matrix stream = Matrix.of(residual);
    RowBlocks blocks = RowBlocks.of(dy.rows());
    ColumnSums sums = normalization == null ? null : normalization.sums(blocks);
    engine.team().run(blocks.count(), block -> {
      float[] lanes = new float[Lanes.COUNT];
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        if (normalization == null) {
          DropoutRows.copyRow(dy, stream, i);
        } else {
          normalization.backward(dy, i, normalized, sums, block, stream, lanes);
        }
        DropoutRows.dropRow(stream, dx, i, masks);
      }
    });
    if (normalization != null) {
      normalization.addParameterGradients(sums);
    }
    return new INDArray[] {x, residual};
  }
}
