package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.FeedForwardKernel;
import io.sparkformer.model.kernel.FeedForwardWeights;
import io.sparkformer.model.kernel.Forward;
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
import io.sparkformer.model.kernel.cpu.rows.InnerRows;
import io.sparkformer.model.kernel.cpu.rows.Masks;
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
  private final InnerRows innerRows;
  private final Dropout dropout;

  CpuFeedForward(Engine engine, FeedForwardWeights weights, FeedForwardConfig config, Dropout dropout) {
    this.engine = engine;
    this.inner = Linear.of(engine.arithmetic(), weights.inner(), weights.innerBias());
    this.outer = Linear.of(engine.arithmetic(), weights.outer(), weights.outerBias());
    this.innerRows = new InnerRows(config, inner.bias());
    this.dropout = dropout;
  }

  /**
   * What the backward pass needs.
   *
   * @param sums {@code [tokens, inner rows]}: the inner product; null if the hidden rows are made in its place
   * @param hidden {@code [tokens, ffn]}: after activation and dropout
   */
  private record Kept(Operand x, Matrix sums, Operand hidden, Masks masks) {
    /** The inner product of some rows, if it is kept; else the memory for their hidden rows, or the thread's. */
    Matrix sums(int from, int to, InnerRows innerRows, int columns) {
      if (innerRows.inPlace()) {
        return hidden.draft(from, to);
      }
      return sums == null ? ThreadScratch.get().sums.matrix(to - from, columns) : sums.rows(from, to);
    }
  }

  @Override
  public Forward forward(INDArray x, long firstToken, Pass pass, Space space) {
    INDArray result = space.array(x.dataType(), x.size(0), outer.outputs());
    Matrix rows = Matrix.of(x);
    Matrix out = Matrix.of(result);
    long mark = engine.memory().mark();
    boolean keepsSums = pass.isTraining() && !innerRows.inPlace();
    Kept kept = new Kept(engine.operand(Role.ACTIVATION, rows), keepsSums ? engine.memory().matrix(rows.rows(), inner.outputs()) : null,
        engine.operand(Role.ACTIVATION, rows.rows(), outer.inputs()), Masks.of(dropout, pass, firstToken));
    inner.prepare(engine.team(), pass);
    outer.prepare(engine.team(), pass);
    RowBlocks blocks = RowBlocks.of(rows.rows());
    if (blocks.count() < engine.team().threads()) {
      forwardByOutputs(kept, rows, out);
    } else {
      engine.team().run(blocks.count(), block -> forward(kept, rows, blocks.start(block), blocks.end(block), out));
    }
    if (!pass.isTraining()) {
      engine.memory().release(mark);
      return Forward.inference(result);
    }
    return new Forward(result, (outputGradient, target) -> backward(kept, outputGradient, target));
  }

  private void forward(Kept kept, Matrix rows, int from, int to, Matrix out) {
    kept.x().keep(rows.rows(from, to), from);
    Matrix sums = kept.sums(from, to, innerRows, inner.outputs());
    inner.multiply(kept.x().rows(from, to), sums);
    for (int slice = from; slice < to; slice += SLICE) {
      int end = Math.min(to, slice + SLICE);
      Matrix part = sums.rows(slice - from, end - from);
      Matrix hidden = innerRows.inPlace() ? part : kept.hidden().draft(slice, end);
      innerRows.forward(part, hidden, kept.masks(), slice);
      kept.hidden().keep(hidden, slice);
    }
    outer.forward(kept.hidden().rows(from, to), out.rows(from, to));
  }

  private void forwardByOutputs(Kept kept, Matrix rows, Matrix out) {
    Matrix sums = kept.sums(0, rows.rows(), innerRows, inner.outputs());
    inner.multiply(engine.team(), rows, kept.x(), sums);
    Matrix hidden = innerRows.inPlace() ? sums : kept.hidden().draft(0, rows.rows());
    innerRows.forward(sums, hidden, kept.masks(), 0);
    outer.forward(engine.team(), hidden, kept.hidden(), out);
  }

  private INDArray[] backward(Kept kept, INDArray outputGradient, Space space) {
    int tokens = kept.x().rows();
    INDArray result = space.array(outputGradient.dataType(), tokens, inner.inputs());
    Matrix dyRows = Matrix.of(outputGradient);
    Matrix dx = Matrix.of(result);
    long mark = engine.memory().mark();
    Operand dy = engine.operand(Role.GRADIENT, dyRows);
    Operand gradient = engine.operand(Role.GRADIENT, tokens, inner.outputs());
    RowBlocks blocks = RowBlocks.of(tokens);
    ColumnSums innerSums = ColumnSums.of(inner.biasGradient(), blocks.count(), inner.outputs());
    ColumnSums outerSums = ColumnSums.of(outer.biasGradient(), blocks.count(), outer.outputs());
    engine.team().run(blocks.count(), block -> {
      int from = blocks.start(block);
      int to = blocks.end(block);
      outerSums.add(block, dyRows.rows(from, to));
      dy.keep(dyRows.rows(from, to), from);
      Matrix rows = gradient.draft(from, to);
      outer.inputGradient(dy.rows(from, to), innerRows.ofHidden(rows));
      for (int slice = from; slice < to; slice += SLICE) {
        int end = Math.min(to, slice + SLICE);
        Matrix part = rows.rows(slice - from, end - from);
        Matrix forward = innerRows.inPlace() ? kept.hidden().floats(slice, end) : kept.sums().rows(slice, end);
        innerRows.backward(part, forward, kept.masks(), slice);
        innerSums.add(block, part);
        gradient.keep(part, slice);
      }
      inner.inputGradient(gradient.rows(from, to), dx.rows(from, to));
    });
    innerSums.addTo(inner.biasGradient());
    outerSums.addTo(outer.biasGradient());
    engine.addWeightGradients(outer.weightGradient(dy, kept.hidden()), inner.weightGradient(gradient, kept.x()));
    engine.memory().release(mark);
    return new INDArray[] {result};
  }
}
