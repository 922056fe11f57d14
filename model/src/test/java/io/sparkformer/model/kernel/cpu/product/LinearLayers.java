package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A linear layer by itself, for benchmarks: inside a kernel its products come between other passes. */
public final class LinearLayers {
  private final Engine engine;
  private final Linear layer;
  private Operand x;

  public LinearLayers(int threads, Precision precision, Weight weight, Weight bias) {
    this.engine = new Engine(threads, CpuKernels.arithmetic(precision));
    this.layer = Linear.of(engine.arithmetic(), weight, bias);
  }

  /** {@code y = x W^T + b}. */
  public void forward(INDArray rows, INDArray y, Pass pass) {
    Matrix matrix = Matrix.of(rows);
    engine.memory().release(0);
    x = engine.operand(Role.ACTIVATION, matrix);
    layer.prepare(engine.team(), pass);
    layer.forward(engine.team(), matrix, x, Matrix.of(y));
  }

  /** {@code dx = dy W}; adds to the gradient of the weights. */
  public void backward(INDArray dy, INDArray dx) {
    long mark = engine.memory().mark();
    Matrix rows = Matrix.of(dy);
    Operand gradient = engine.operand(Role.GRADIENT, rows);
    RowBlocks blocks = RowBlocks.of(rows.rows());
    engine.team().run(blocks.count(), block -> {
      int from = blocks.start(block);
      int to = blocks.end(block);
      gradient.keep(rows.rows(from, to), from);
      layer.inputGradient(gradient.rows(from, to), Matrix.of(dx).rows(from, to));
    });
    engine.addWeightGradients(layer.weightGradient(gradient, x));
    engine.memory().release(mark);
  }

  public void parametersChanged() {
    engine.arithmetic().parametersChanged();
  }
}
