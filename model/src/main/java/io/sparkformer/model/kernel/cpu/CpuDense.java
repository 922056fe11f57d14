package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.DenseKernel;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.product.Engine;
import io.sparkformer.model.kernel.cpu.product.Linear;
import io.sparkformer.model.kernel.cpu.product.Operand;
import io.sparkformer.model.kernel.cpu.product.Role;
import io.sparkformer.model.kernel.cpu.rows.ActivationRows;
import io.sparkformer.model.kernel.cpu.rows.ColumnSums;
import org.nd4j.linalg.api.ndarray.INDArray;

final class CpuDense implements DenseKernel {
  private final Engine engine;
  private final Linear layer;
  private final Matrix bias;
  private final Activation activation;

  CpuDense(Engine engine, Weight weight, Weight bias, Activation activation) {
    this.engine = engine;
    this.layer = Linear.of(engine.arithmetic(), weight, bias);
    this.bias = layer.bias();
    this.activation = activation;
  }

  @Override
  public Forward forward(INDArray x, Pass pass, Space space) {
    INDArray result = space.array(x.dataType(), x.size(0), layer.outputs());
    Matrix rows = Matrix.of(x);
    Matrix out = Matrix.of(result);
    long mark = engine.memory().mark();
    Operand in = engine.operand(Role.ACTIVATION, rows);
    Matrix sums = pass.isTraining() ? engine.memory().matrix(out.rows(), out.columns()) : out;
    layer.prepare(engine.team(), pass);
    layer.multiply(engine.team(), rows, in, sums);
    RowBlocks blocks = RowBlocks.of(rows.rows());
    engine.team().run(blocks.count(), block -> {
      int from = blocks.start(block);
      int to = blocks.end(block);
      ActivationRows.forward(activation, sums.rows(from, to), bias, out.rows(from, to));
    });
    if (!pass.isTraining()) {
      engine.memory().release(mark);
      return Forward.inference(result);
    }
    return new Forward(result, (outputGradient, target) -> backward(in, sums, outputGradient, target));
  }

  private INDArray[] backward(Operand x, Matrix sums, INDArray outputGradient, Space space) {
    INDArray result = space.array(outputGradient.dataType(), x.rows(), layer.inputs());
    Matrix gradient = Matrix.of(outputGradient);
    Matrix dx = Matrix.of(result);
    long mark = engine.memory().mark();
    Operand dy = engine.operand(Role.GRADIENT, gradient);
    RowBlocks blocks = RowBlocks.of(x.rows());
    ColumnSums biasSums = ColumnSums.of(layer.biasGradient(), blocks.count(), layer.outputs());
    engine.team().run(blocks.count(), block -> {
      int from = blocks.start(block);
      int to = blocks.end(block);
      Matrix rows = gradient.rows(from, to);
      ActivationRows.backward(activation, rows, sums.rows(from, to));
      biasSums.add(block, rows);
      dy.keep(rows, from);
      layer.inputGradient(dy.rows(from, to), dx.rows(from, to));
    });
    biasSums.addTo(layer.biasGradient());
    engine.addWeightGradients(layer.weightGradient(dy, x));
    engine.memory().release(mark);
    return new INDArray[] {result};
  }
}
