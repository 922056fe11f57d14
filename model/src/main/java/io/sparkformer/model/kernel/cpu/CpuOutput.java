package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.TopTokens;
import io.sparkformer.model.kernel.Weight;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Works in slabs of rows. Within a slab, blocks of rows go through projection, softmax, loss and input gradient; then the slab's part of
 * the table's gradient is made. The logits of a block come a piece of the vocabulary at a time, so that softmax sees them where the
 * product left them, in a core's cache.
 */
final class CpuOutput implements OutputKernel {
  /** Tokens of the vocabulary that one part of a decoding step scores. */
  private static final int STEP_COLUMNS = 1024;
  /** Tokens of the vocabulary in one piece of a block of logits. */
  private static final int PIECE_COLUMNS = 512;

  private final Engine engine;
  private final Weight weight;
  private final Arithmetic.Weights table;
  private final float labelSmoothing;

  CpuOutput(Engine engine, Weight weight, double labelSmoothing) {
    this.engine = engine;
    this.weight = weight;
    this.table = engine.arithmetic().weights(Matrix.of(weight.value()));
    this.labelSmoothing = (float) labelSmoothing;
  }

  @Override
  public INDArray logits(INDArray x, LayerWorkspaceMgr space) {
    INDArray result = space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), new long[] {x.size(0), table.outputs()}, 'c');
    Matrix in = Matrix.of(x);
    Matrix out = Matrix.of(result);
    Operand operand = engine.arithmetic().operand(engine.scratch(1), Role.ACTIVATION, in);
    table.prepare(engine.team(), Pass.INFERENCE);
    RowBlocks blocks = RowBlocks.even(in.rows(), engine.arithmetic().logitRows());
    engine.team().run(blocks.count(), block -> {
      int from = blocks.start(block);
      int to = blocks.end(block);
      operand.keep(in.rows(from, to), from);
      table.multiply(operand.rows(from, to), 0, table.outputs(), out.rows(from, to));
    });
    return result;
  }

  @Override
  public NextTokens nextTokens(INDArray x, int k, int endToken) {
    Matrix in = Matrix.of(x);
    int vocabulary = table.outputs();
    Matrix logits = engine.scratch(0).matrix(in.rows(), vocabulary);
    Operand operand = engine.arithmetic().operand(engine.scratch(1), Role.ACTIVATION, in);
    operand.keep(in, 0);
    table.prepare(engine.team(), Pass.INFERENCE);
    RowBlocks columns = RowBlocks.of(vocabulary, STEP_COLUMNS, table.outputBlocks().unit());
    engine.team().run(columns.count(), block -> {
      int from = columns.start(block);
      int to = columns.end(block);
      table.multiply(operand, from, to, logits.columns(from, to));
    });
    TopTokens top = new TopTokens(in.rows(), k, endToken);
    engine.team().run(in.rows(), row -> {
      float[] host = new float[vocabulary];
      HeadRows.load(logits.bytes(), logits.place(row, 0), vocabulary, host, 0);
      SoftmaxLossBlock softmax = new SoftmaxLossBlock(1, vocabulary);
      softmax.see(logits.rows(row, row + 1));
      top.row(row, host, 0, vocabulary, softmax.logNormalizer(0));
    });
    return top.nextTokens();
  }

  @Override
  public Loss loss(INDArray x, INDArray targets) {
    return slabs(Matrix.of(x), targets.toIntVector(), null);
  }

  @Override
  public Result lossAndGradient(INDArray x, INDArray targets, LayerWorkspaceMgr space) {
    INDArray inputGradient = space.createUninitialized(ArrayType.ACTIVATION_GRAD, x.dataType(), x.shape(), 'c');
    return new Result(slabs(Matrix.of(x), targets.toIntVector(), Matrix.of(inputGradient)), inputGradient);
  }

  /** One slab after another; with {@code inputGradient} null, the loss alone. */
  private Loss slabs(Matrix x, int[] targets, Matrix inputGradient) {
    if (targets.length != x.rows()) {
      throw new IllegalArgumentException("There must be one target for each row: rows=%d, targets=%d".formatted(x.rows(), targets.length));
    }
    table.prepare(engine.team(), inputGradient == null ? Pass.INFERENCE : Pass.training(0));
    Operand in = engine.arithmetic().operand(engine.scratch(1), Role.ACTIVATION, x);
    RowBlocks slabs = engine.arithmetic().slabs(x.rows(), table.outputs());
    Loss loss = Loss.ZERO;
    for (int slab = 0; slab < slabs.count(); slab++) {
      loss = loss.plus(slab(x, in, slabs.start(slab), slabs.end(slab), targets, inputGradient));
    }
    return loss;
  }

  private Loss slab(Matrix x, Operand in, int start, int end, int[] targets, Matrix inputGradient) {
    Operand logits = engine.arithmetic().operand(engine.scratch(0), Role.GRADIENT, end - start, table.outputs());
    RowBlocks blocks = RowBlocks.even(end - start, engine.arithmetic().logitRows());
    RowBlocks pieces = RowBlocks.of(table.outputs(), PIECE_COLUMNS, table.outputBlocks().unit());
    Loss[] losses = new Loss[blocks.count()];
    engine.team().run(blocks.count(), block -> {
      int from = blocks.start(block);
      int to = blocks.end(block);
      in.keep(x.rows(start + from, start + to), start + from);
      Matrix rows = logits.draft(from, to);
      SoftmaxLossBlock softmax = new SoftmaxLossBlock(to - from, table.outputs());
      for (int piece = 0; piece < pieces.count(); piece++) {
        Matrix some = rows.columns(pieces.start(piece), pieces.end(piece));
        table.multiply(in.rows(start + from, start + to), pieces.start(piece), pieces.end(piece), some);
        softmax.see(some);
      }
      losses[block] = softmax.loss(rows, targets, start + from, labelSmoothing);
      if (inputGradient != null) {
        for (int i = from; i < to; i++) {
          Matrix row = rows.rows(i - from, i - from + 1);
          softmax.gradient(row, i - from, targets[start + i], labelSmoothing);
          logits.keep(row, i);
        }
        table.multiplyBackward(logits.rows(from, to), inputGradient.rows(start + from, start + to));
      }
    });
    if (inputGradient != null) {
      engine.arithmetic().addWeightGradients(engine.team(),
          new Arithmetic.WeightGradient(logits, in.rows(start, end), Matrix.of(weight.gradient())));
    }
    Loss loss = Loss.ZERO;
    for (Loss part : losses) {
      loss = loss.plus(part);
    }
    return loss;
  }
}
