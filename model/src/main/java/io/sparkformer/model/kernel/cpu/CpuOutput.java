package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.LossTerms;
import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.OutputWeights;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import io.sparkformer.model.kernel.cpu.product.Engine;
import io.sparkformer.model.kernel.cpu.product.Linear;
import io.sparkformer.model.kernel.cpu.product.Operand;
import io.sparkformer.model.kernel.cpu.product.Role;
import io.sparkformer.model.kernel.cpu.rows.ColumnSums;
import io.sparkformer.model.kernel.cpu.rows.LabelledRows;
import io.sparkformer.model.kernel.cpu.rows.SoftmaxLossBlock;
import io.sparkformer.model.kernel.cpu.rows.TopLogits;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Works in slabs of rows. Within a slab, blocks of rows go through projection, softmax, loss and input gradient; then the slab's part of
 * the table's gradient is made. The logits of a block come a piece of the vocabulary at a time, so that softmax sees them where the
 * product left them, in a core's cache. Rows without a label are left out before all that.
 */
final class CpuOutput implements OutputKernel {
  /** Tokens of the vocabulary that a decoding step scores at a time: logits stay in a core's cache. */
  private static final int STEP_COLUMNS = 1024;
  /** Tokens of the vocabulary in one piece of a block of logits. */
  private static final int PIECE_COLUMNS = 512;

  private final Engine engine;
  private final Linear table;
  private final float scale;
  private final LossTerms terms;
  /** The memory of decoding steps. */
  private final TopLogits top = new TopLogits();

  CpuOutput(Engine engine, OutputWeights weights, double scale, LossTerms terms) {
    this.engine = engine;
    this.table = Linear.of(engine.arithmetic(), weights.table(), weights.bias());
    this.scale = (float) scale;
    this.terms = terms;
  }

  @Override
  public INDArray logits(INDArray x, Space space) {
    INDArray result = space.array(x.dataType(), x.size(0), table.outputs());
    Matrix out = Matrix.of(result);
    long mark = engine.memory().mark();
    Matrix in = scaled(Matrix.of(x));
    Operand operand = engine.operand(Role.ACTIVATION, in);
    table.prepare(engine.team(), Pass.INFERENCE);
    RowBlocks blocks = RowBlocks.even(in.rows(), engine.arithmetic().logitRows());
    engine.team().run(blocks.count(), block -> {
      int from = blocks.start(block);
      int to = blocks.end(block);
      operand.keep(in.rows(from, to), from);
      table.forward(operand.rows(from, to), out.rows(from, to));
    });
    engine.memory().release(mark);
    return result;
  }

  @Override
  public NextTokens nextTokens(INDArray x, int k, int endToken) {
    long mark = engine.memory().mark();
    Matrix in = scaled(Matrix.of(x));
    Operand operand = engine.operand(Role.ACTIVATION, in);
    operand.keep(in, 0);
    table.prepare(engine.team(), Pass.INFERENCE);
    RowBlocks columns = RowBlocks.of(table.outputs(), STEP_COLUMNS, table.outputBlocks().unit());
    RowBlocks rows = RowBlocks.of(in.rows());
    int parts = Math.min(columns.count(), engine.team().threads());
    top.begin(in.rows(), k, endToken, parts, columns.count());
    engine.team().run(parts, part -> {
      for (int block = columns.count() * part / parts; block < columns.count() * (part + 1) / parts; block++) {
        int from = columns.start(block);
        int to = columns.end(block);
        for (int i = 0; i < rows.count(); i++) {
          Matrix logits = ThreadScratch.get().logits.matrix(rows.end(i) - rows.start(i), to - from);
          table.forward(operand.rows(rows.start(i), rows.end(i)), from, to, logits);
          top.see(part, block, rows.start(i), from, logits);
        }
      }
    });
    engine.memory().release(mark);
    return top.nextTokens();
  }

  /** {@code scale * x}; {@code x} itself for a scale of 1. */
  private Matrix scaled(Matrix x) {
    return gathered(LabelledRows.of(new int[x.rows()], x.rows(), 1), x);
  }

  /** {@code scale * x} of the rows that count; {@code x} itself where that is the same. */
  private Matrix gathered(LabelledRows rows, Matrix x) {
    if (scale == 1 && rows.areAll()) {
      return x;
    }
    Matrix gathered = engine.memory().matrix(rows.count(), x.columns());
    rows.gather(engine.team(), x, scale, gathered);
    return gathered;
  }

  @Override
  public Loss loss(INDArray x, INDArray labels) {
    LabelledRows rows = LabelledRows.of(labels.toIntVector(), (int) x.size(0), table.outputs());
    long mark = engine.memory().mark();
    Loss loss = slabs(gathered(rows, Matrix.of(x)), rows.labels(), 0, null);
    engine.memory().release(mark);
    return loss;
  }

  @Override
  public Result lossAndGradient(INDArray x, INDArray labels, double weight, Space space) {
    LabelledRows rows = LabelledRows.of(labels.toIntVector(), (int) x.size(0), table.outputs());
    INDArray result = space.array(x.dataType(), x.shape());
    Matrix inputGradient = Matrix.of(result);
    long mark = engine.memory().mark();
    Matrix in = gathered(rows, Matrix.of(x));
    boolean direct = scale == 1 && rows.areAll();
    Matrix dx = direct ? inputGradient : engine.memory().matrix(in.rows(), in.columns());
    Loss loss = slabs(in, rows.labels(), (float) weight, dx);
    if (!direct) {
      rows.scatter(engine.team(), dx, scale, inputGradient);
    }
    engine.memory().release(mark);
    return new Result(loss, result);
  }

  /** One slab after another; with {@code inputGradient} null, the loss alone. */
  private Loss slabs(Matrix x, int[] labels, float weight, Matrix inputGradient) {
    table.prepare(engine.team(), inputGradient == null ? Pass.INFERENCE : Pass.training(0));
    Operand in = engine.operand(Role.ACTIVATION, x);
    RowBlocks slabs = engine.arithmetic().slabs(x.rows(), table.outputs());
    Loss loss = Loss.ZERO;
    for (int slab = 0; slab < slabs.count(); slab++) {
      long mark = engine.memory().mark();
      loss = loss.plus(slab(x, in, slabs.start(slab), slabs.end(slab), labels, weight, inputGradient));
      engine.memory().release(mark);
    }
    return loss;
  }

  private Loss slab(Matrix x, Operand in, int start, int end, int[] labels, float weight, Matrix inputGradient) {
    Operand logits = engine.operand(Role.GRADIENT, end - start, table.outputs());
    RowBlocks blocks = RowBlocks.even(end - start, engine.arithmetic().logitRows());
    RowBlocks pieces = RowBlocks.of(table.outputs(), PIECE_COLUMNS, table.outputBlocks().unit());
    ColumnSums biasSums = ColumnSums.of(inputGradient == null ? null : table.biasGradient(), blocks.count(), table.outputs());
    Loss[] losses = new Loss[blocks.count()];
    engine.team().run(blocks.count(), block -> {
      int from = blocks.start(block);
      int to = blocks.end(block);
      in.keep(x.rows(start + from, start + to), start + from);
      Matrix rows = logits.draft(from, to);
      SoftmaxLossBlock softmax = new SoftmaxLossBlock(to - from, table.outputs());
      for (int piece = 0; piece < pieces.count(); piece++) {
        Matrix some = rows.columns(pieces.start(piece), pieces.end(piece));
        table.forward(in.rows(start + from, start + to), pieces.start(piece), pieces.end(piece), some);
        softmax.see(some);
      }
      losses[block] = softmax.loss(rows, labels, start + from, terms);
      if (inputGradient != null) {
        for (int i = from; i < to; i++) {
          Matrix row = rows.rows(i - from, i - from + 1);
          softmax.gradient(row, i - from, labels[start + i], terms, weight);
          biasSums.add(block, row);
          logits.keep(row, i);
        }
        table.inputGradient(logits.rows(from, to), inputGradient.rows(start + from, start + to));
      }
    });
    if (inputGradient != null) {
      biasSums.addTo(table.biasGradient());
      engine.addWeightGradients(table.weightGradient(logits, in.rows(start, end)));
    }
    return Arrays.stream(losses).reduce(Loss.ZERO, Loss::plus);
  }
}
