package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.FeedForwardKernel;
import io.sparkformer.model.kernel.FeedForwardWeights;
import io.sparkformer.model.kernel.Pass;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Both products of a block of rows, and everything between them, one after another on one core. Of few rows, as in decoding, each product
 * is cut by its outputs instead.
 */
final class CpuFeedForward implements FeedForwardKernel {
  /** Rows that go through activation and cast together, in the innermost cache. */
  private static final int SLICE = 4;

  private final Engine engine;
  private final Linear inner;
  private final Linear outer;
  private final Activation activation;
  private final Dropout dropout;
  private final ColumnSums innerSums = new ColumnSums();
  private final ColumnSums outerSums = new ColumnSums();
  private final Buffer input = new Buffer();
  /** Before activation, of a GELU only: {@code [tokens, ffn]}. */
  private final Buffer sums = new Buffer();
  /** After activation and dropout: {@code [tokens, ffn]}. */
  private final Buffer activated = new Buffer();

  private Operand x;
  private long firstToken;
  private Pass pass;

  CpuFeedForward(Engine engine, FeedForwardWeights weights, Activation activation, Dropout dropout) {
    this.engine = engine;
    this.inner = Linear.of(engine.arithmetic(), weights.inner(), weights.innerBias());
    this.outer = Linear.of(engine.arithmetic(), weights.outer(), weights.outerBias());
    this.activation = activation;
    this.dropout = dropout;
  }

  @Override
  public INDArray forward(INDArray x, long firstToken, Pass pass, LayerWorkspaceMgr space) {
    INDArray result = space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), new long[] {x.size(0), outer.outputs()}, 'c');
    Matrix rows = Matrix.of(x);
    Matrix out = Matrix.of(result);
    Operand in = engine.arithmetic().operand(input, Role.ACTIVATION, rows);
    Operand hidden = hidden(rows.rows());
    Masks masks = Masks.of(dropout, pass, firstToken);
    inner.prepare(engine.team(), pass);
    outer.prepare(engine.team(), pass);
    RowBlocks blocks = RowBlocks.of(rows.rows());
    if (blocks.count() < engine.team().threads()) {
      Matrix before = beforeActivation(hidden, 0, rows.rows());
      inner.multiply(engine.team(), rows, in, before);
      Matrix after = afterActivation(before, hidden, 0, rows.rows());
      activate(before, after, masks, 0);
      outer.forward(engine.team(), after, hidden, out);
    } else {
      engine.team().run(blocks.count(), block -> {
        int from = blocks.start(block);
        int to = blocks.end(block);
        in.keep(rows.rows(from, to), from);
        Matrix before = beforeActivation(hidden, from, to);
        inner.multiply(in.rows(from, to), before);
        for (int slice = from; slice < to; slice += SLICE) {
          int end = Math.min(to, slice + SLICE);
          Matrix part = before.rows(slice - from, end - from);
          Matrix after = afterActivation(part, hidden, slice, end);
          activate(part, after, masks, slice);
          hidden.keep(after, slice);
        }
        outer.forward(hidden.rows(from, to), out.rows(from, to));
      });
    }
    if (pass.isTraining()) {
      this.x = in;
      this.firstToken = firstToken;
      this.pass = pass;
    }
    return result;
  }

  private Operand hidden(int rows) {
    return engine.arithmetic().operand(activated, Role.ACTIVATION, rows, inner.outputs());
  }

  private Matrix sums(int rows) {
    return sums.matrix(rows, inner.outputs());
  }

  /** Where the inner product of some rows is made: a GELU's is needed again, a ReLU works in place. */
  private Matrix beforeActivation(Operand hidden, int from, int to) {
    return activation == Activation.RELU ? hidden.draft(from, to) : sums(hidden.rows()).rows(from, to);
  }

  private Matrix afterActivation(Matrix before, Operand hidden, int from, int to) {
    return activation == Activation.RELU ? before : hidden.draft(from, to);
  }

  private void activate(Matrix before, Matrix after, Masks masks, int firstRow) {
    if (activation == Activation.RELU) {
      ActivationRows.relu(after, inner.bias(), masks, firstRow);
    } else {
      ActivationRows.gelu(before, inner.bias(), masks, firstRow, after);
    }
  }

  @Override
  public INDArray backward(INDArray outputGradient, LayerWorkspaceMgr space) {
    int tokens = x.rows();
    INDArray result = space.createUninitialized(ArrayType.ACTIVATION_GRAD, outputGradient.dataType(),
        new long[] {tokens, x.columns()}, 'c');
    Matrix dyRows = Matrix.of(outputGradient);
    Matrix dx = Matrix.of(result);
    Operand dy = engine.arithmetic().operand(engine.scratch(1), Role.GRADIENT, dyRows);
    Operand hidden = hidden(tokens);
    Operand gradient = engine.arithmetic().operand(engine.scratch(0), Role.GRADIENT, tokens, inner.outputs());
    Masks masks = Masks.of(dropout, pass, firstToken);
    RowBlocks blocks = RowBlocks.of(tokens);
    innerSums.begin(blocks.count(), inner.outputs());
    outerSums.begin(blocks.count(), outer.outputs());
    engine.team().run(blocks.count(), block -> {
      int from = blocks.start(block);
      int to = blocks.end(block);
      outerSums.add(block, dyRows.rows(from, to));
      dy.keep(dyRows.rows(from, to), from);
      Matrix rows = gradient.draft(from, to);
      outer.inputGradient(dy.rows(from, to), rows);
      for (int slice = from; slice < to; slice += SLICE) {
        int end = Math.min(to, slice + SLICE);
        Matrix part = rows.rows(slice - from, end - from);
        activateBackward(part, hidden, masks, slice);
        innerSums.add(block, part);
        gradient.keep(part, slice);
      }
      inner.inputGradient(gradient.rows(from, to), dx.rows(from, to));
    });
    innerSums.addTo(inner.biasGradient());
    outerSums.addTo(outer.biasGradient());
    engine.arithmetic().addWeightGradients(engine.team(), outer.weightGradient(dy, hidden), inner.weightGradient(gradient, x));
    return result;
  }

  private void activateBackward(Matrix gradient, Operand hidden, Masks masks, int firstRow) {
    int end = firstRow + gradient.rows();
    if (activation == Activation.RELU) {
      ActivationRows.reluBackward(gradient, hidden.floats(firstRow, end), masks.scale());
    } else {
      ActivationRows.geluBackward(gradient, sums(hidden.rows()).rows(firstRow, end), masks, firstRow);
    }
  }
}
