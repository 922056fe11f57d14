package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.NormKernel;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Weight;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

final class CpuNorm implements NormKernel {
  private final Engine engine;
  private final Normalization normalization;

  CpuNorm(Engine engine, Weight gain, Weight bias, double epsilon) {
    this.engine = engine;
    this.normalization = new Normalization(gain, bias, epsilon);
  }

  @Override
  public INDArray forward(INDArray x, Pass pass, LayerWorkspaceMgr space) {
    INDArray result = space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), x.shape(), 'c');
    Matrix in = Matrix.of(x);
    Matrix out = Matrix.of(result);
    RowBlocks blocks = RowBlocks.of(in.rows());
    normalization.begin(in.rows());
    engine.team().run(blocks.count(), block -> {
      Normalization.Rows rows = normalization.rows();
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        rows.forward(in, i, out);
      }
    });
    return result;
  }

  @Override
  public INDArray backward(INDArray outputGradient, LayerWorkspaceMgr space) {
    INDArray result = space.createUninitialized(ArrayType.ACTIVATION_GRAD, outputGradient.dataType(), outputGradient.shape(), 'c');
    Matrix dy = Matrix.of(outputGradient);
    Matrix dx = Matrix.of(result);
    RowBlocks blocks = RowBlocks.of(dy.rows());
    normalization.beginBackward(blocks.count());
    engine.team().run(blocks.count(), block -> {
      Normalization.Rows rows = normalization.rows();
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        rows.backward(dy, i, block, dx);
      }
    });
    normalization.addParameterGradients();
    return result;
  }
}
