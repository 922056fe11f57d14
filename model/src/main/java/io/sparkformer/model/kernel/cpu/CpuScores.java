package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.OutputWeights;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.ScoreKernel;
import io.sparkformer.model.kernel.ScoreLoss;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.product.Engine;
import io.sparkformer.model.kernel.cpu.product.Linear;
import io.sparkformer.model.kernel.cpu.product.Operand;
import io.sparkformer.model.kernel.cpu.product.Role;
import io.sparkformer.model.kernel.cpu.rows.ColumnSums;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The products are those of a linear layer; the scores are so few that Java computes their loss. */
final class CpuScores implements ScoreKernel {
  private final Engine engine;
  private final Linear layer;

  CpuScores(Engine engine, OutputWeights weights) {
    this.engine = engine;
    this.layer = Linear.of(engine.arithmetic(), weights.table(), weights.bias());
  }

  @Override
  public INDArray logits(INDArray x, Space space) {
    INDArray result = space.array(x.dataType(), x.size(0), layer.outputs());
    long mark = engine.memory().mark();
    multiply(Matrix.of(x), Pass.INFERENCE, Matrix.of(result));
    engine.memory().release(mark);
    return result;
  }

  /** Returns the rows as products read them. */
  private Operand multiply(Matrix x, Pass pass, Matrix logits) {
    Operand in = engine.operand(Role.ACTIVATION, x);
    layer.prepare(engine.team(), pass);
    layer.forward(engine.team(), x, in, logits);
    return in;
  }

  @Override
  public Loss loss(INDArray x, ScoreLoss loss) {
    Matrix in = Matrix.of(x);
    long mark = engine.memory().mark();
    Matrix logits = engine.memory().matrix(in.rows(), layer.outputs());
    multiply(in, Pass.INFERENCE, logits);
    Loss computed = toGradients(logits, loss, 0);
    engine.memory().release(mark);
    return computed;
  }

  @Override
  public OutputKernel.Result lossAndGradient(INDArray x, ScoreLoss loss, double weight, Space space) {
    INDArray result = space.array(x.dataType(), x.shape());
    Matrix in = Matrix.of(x);
    Matrix dx = Matrix.of(result);
    long mark = engine.memory().mark();
    Matrix logits = engine.memory().matrix(in.rows(), layer.outputs());
    Operand rows = multiply(in, Pass.training(0), logits);
    Loss computed = toGradients(logits, loss, weight);
    Operand dy = engine.operand(Role.GRADIENT, logits);
    RowBlocks blocks = RowBlocks.of(in.rows());
    ColumnSums biasSums = new ColumnSums(blocks.count(), layer.outputs());
    engine.team().run(blocks.count(), block -> {
      int from = blocks.start(block);
      int to = blocks.end(block);
      biasSums.add(block, logits.rows(from, to));
      dy.keep(logits.rows(from, to), from);
      layer.inputGradient(dy.rows(from, to), dx.rows(from, to));
    });
    biasSums.addTo(layer.biasGradient());
    engine.addWeightGradients(layer.weightGradient(dy, rows));
    engine.memory().release(mark);
    return new OutputKernel.Result(computed, result);
  }

  /** Turns the logits into {@code weight * d loss / d logits}. */
  private static Loss toGradients(Matrix logits, ScoreLoss loss, double weight) {
    double[] scores = new double[logits.rows() * logits.columns()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Lanes.at(logits.bytes(), logits.place(i / logits.columns(), i % logits.columns()));
    }
    Loss computed = loss.toGradients(scores);
    for (int i = 0; i < scores.length; i++) {
      Lanes.put((float) (weight * scores[i]), logits.bytes(), logits.place(i / logits.columns(), i % logits.columns()));
    }
    return computed;
  }
}
