package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.OutputWeights;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.SpanKernel;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.product.Engine;
import io.sparkformer.model.kernel.cpu.product.Linear;
import io.sparkformer.model.kernel.cpu.product.Operand;
import io.sparkformer.model.kernel.cpu.product.Role;
import io.sparkformer.model.kernel.cpu.rows.ColumnSums;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The products are those of a linear layer; softmax over the tokens of a sequence is a plain loop, since there are two columns. */
final class CpuSpan implements SpanKernel {
  private static final int COLUMNS = 2;

  private final Engine engine;
  private final Linear layer;

  CpuSpan(Engine engine, OutputWeights weights) {
    this.engine = engine;
    this.layer = Linear.of(engine.arithmetic(), weights.table(), weights.bias());
    if (layer.outputs() != COLUMNS) {
      throw new IllegalArgumentException("A span has 2 scores a token, its weights are for %d".formatted(layer.outputs()));
    }
  }

  @Override
  public INDArray logits(INDArray x, Space space) {
    INDArray result = space.array(x.dataType(), x.size(0), COLUMNS);
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
  public Loss loss(INDArray x, Segments segments, INDArray labels) {
    Matrix in = Matrix.of(x);
    long mark = engine.memory().mark();
    Matrix logits = engine.memory().matrix(in.rows(), COLUMNS);
    multiply(in, Pass.INFERENCE, logits);
    Loss loss = loss(logits, segments, labels, 0);
    engine.memory().release(mark);
    return loss;
  }

  @Override
  public OutputKernel.Result lossAndGradient(INDArray x, Segments segments, INDArray labels, double weight, Space space) {
    INDArray result = space.array(x.dataType(), x.shape());
    Matrix in = Matrix.of(x);
    Matrix dx = Matrix.of(result);
    long mark = engine.memory().mark();
    Matrix logits = engine.memory().matrix(in.rows(), COLUMNS);
    Operand rows = multiply(in, Pass.training(0), logits);
    Loss loss = loss(logits, segments, labels, weight);
    Operand dy = engine.operand(Role.GRADIENT, logits);
    RowBlocks blocks = RowBlocks.of(in.rows());
    ColumnSums biasSums = new ColumnSums(blocks.count(), COLUMNS);
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
    return new OutputKernel.Result(loss, result);
  }

  /** Turns the logits into {@code weight * d loss / d logits}. */
  private static Loss loss(Matrix logits, Segments segments, INDArray labels, double weight) {
    int[][] places = labels.toIntMatrix();
    if (places.length != segments.sentences()) {
      throw new IllegalArgumentException("There must be a span for each sequence: sequences=%d, spans=%d"
          .formatted(segments.sentences(), places.length));
    }
    double sum = 0;
    for (int s = 0; s < segments.sentences(); s++) {
      Matrix rows = logits.rows(segments.start(s), segments.start(s + 1));
      for (int column = 0; column < COLUMNS; column++) {
        int label = places[s][column];
        if (label < 0 || label >= rows.rows()) {
          throw new IllegalArgumentException("The answer of sequence %d has its %s token at place %d, but the sequence has %d tokens"
              .formatted(s, column == 0 ? "first" : "last", label, rows.rows()));
        }
        sum += crossEntropy(rows, column, label, weight / COLUMNS) / COLUMNS;
      }
    }
    return new Loss(sum, sum, segments.sentences(), 0);
  }

  /** Of the softmax over the rows of one column, which becomes {@code weight} times its gradient. */
  private static double crossEntropy(Matrix logits, int column, int label, double weight) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < logits.rows(); i++) {
      largest = Math.max(largest, Lanes.at(logits.bytes(), logits.place(i, column)));
    }
    double sum = 0;
    for (int i = 0; i < logits.rows(); i++) {
      sum += Math.exp(Lanes.at(logits.bytes(), logits.place(i, column)) - largest);
    }
    double loss = largest + Math.log(sum) - Lanes.at(logits.bytes(), logits.place(label, column));
    for (int i = 0; i < logits.rows(); i++) {
      double probability = Math.exp(Lanes.at(logits.bytes(), logits.place(i, column)) - largest) / sum;
      Lanes.put((float) (weight * (probability - (i == label ? 1 : 0))), logits.bytes(), logits.place(i, column));
    }
    return loss;
  }
}
