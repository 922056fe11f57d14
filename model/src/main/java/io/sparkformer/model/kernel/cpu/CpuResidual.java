package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.ResidualKernel;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Residual sum, dropout and, in a post-norm network, layer normalization, row by row. */
final class CpuResidual implements ResidualKernel {
  private final Engine engine;
  private final Dropout dropout;
  /** Null in a pre-norm network. */
  private final Normalization normalization;

  private long firstToken;
  private Pass pass;

  CpuResidual(Engine engine, Dropout dropout, Normalization normalization) {
    this.engine = engine;
    this.dropout = dropout;
    this.normalization = normalization;
  }

  @Override
  public INDArray forward(INDArray x, INDArray residual, long firstToken, Pass pass, LayerWorkspaceMgr space) {
    INDArray result = space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), x.shape(), 'c');
    Matrix in = Matrix.of(x);
    Matrix stream = Matrix.of(residual);
    Matrix out = Matrix.of(result);
    Masks masks = Masks.of(dropout, pass, firstToken);
    RowBlocks blocks = RowBlocks.of(in.rows());
    if (normalization != null) {
      normalization.begin(in.rows());
    }
    engine.team().run(blocks.count(), block -> {
      if (normalization == null) {
        for (int i = blocks.start(block); i < blocks.end(block); i++) {
          DropoutRows.addRow(in, stream, i, masks, i, out);
        }
      } else {
        Normalization.Rows rows = normalization.rows();
        for (int i = blocks.start(block); i < blocks.end(block); i++) {
          DropoutRows.addRow(in, stream, i, masks, i, normalization.normalized());
          rows.forward(normalization.normalized(), i, out);
        }
      }
    });
    if (pass.isTraining()) {
      this.firstToken = firstToken;
      this.pass = pass;
    }
    return result;
  }

  @Override
  public Gradients backward(INDArray outputGradient, LayerWorkspaceMgr space) {
    INDArray residual = space.createUninitialized(ArrayType.ACTIVATION_GRAD, outputGradient.dataType(), outputGradient.shape(), 'c');
    INDArray x = space.createUninitialized(ArrayType.ACTIVATION_GRAD, outputGradient.dataType(), outputGradient.shape(), 'c');
    Matrix dy = Matrix.of(outputGradient);
    Matrix stream = Matrix.of(residual);
    Matrix dx = Matrix.of(x);
    Masks masks = Masks.of(dropout, pass, firstToken);
    RowBlocks blocks = RowBlocks.of(dy.rows());
    if (normalization != null) {
      normalization.beginBackward(blocks.count());
    }
    engine.team().run(blocks.count(), block -> {
      Normalization.Rows rows = normalization == null ? null : normalization.rows();
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        if (rows == null) {
          DropoutRows.copyRow(dy, stream, i);
        } else {
          rows.backward(dy, i, block, stream);
        }
        DropoutRows.dropRow(stream, dx, i, masks);
      }
    });
    if (normalization != null) {
      normalization.addParameterGradients();
    }
    return new Gradients(x, residual);
  }
}
