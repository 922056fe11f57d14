package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Weight;
import java.nio.ByteBuffer;

/**
 * A linear layer {@code y = x W^T + b} over blocks of rows; {@code W [out, in]}, {@code b [out]}. Some of the rows of a larger matrix
 * may be the layer, as the projections of attention are. {@link #prepare} comes before the products of a pass.
 */
final class Linear {
  private final Arithmetic arithmetic;
  private final Matrix values;
  private final Arithmetic.Weights weights;
  private final Matrix bias;
  private final Matrix weightGradient;
  private final Matrix biasGradient;

  private Linear(Arithmetic arithmetic, Matrix values, Matrix bias, Matrix weightGradient, Matrix biasGradient) {
    this.arithmetic = arithmetic;
    this.values = values;
    this.weights = arithmetic.weights(values);
    this.bias = bias;
    this.weightGradient = weightGradient;
    this.biasGradient = biasGradient;
  }

  static Linear of(Arithmetic arithmetic, Weight weight, Weight bias) {
    boolean trains = weight.gradient() != null;
    return new Linear(arithmetic, Matrix.of(weight.value()), Matrix.of(bias.value()),
        trains ? Matrix.of(weight.gradient()) : null, trains ? Matrix.of(bias.gradient()) : null);
  }

  /** The outputs {@code [from, to)} of this layer, in the same memory, as a layer of its own. */
  Linear outputs(int from, int to) {
    return new Linear(arithmetic, values.rows(from, to), bias.columns(from, to),
        weightGradient == null ? null : weightGradient.rows(from, to), biasGradient == null ? null : biasGradient.columns(from, to));
  }

  int inputs() {
    return values.columns();
  }

  int outputs() {
    return values.rows();
  }

  Matrix bias() {
    return bias;
  }

  /** Makes ready for the products of such a pass. */
  void prepare(Team team, Pass pass) {
    weights.prepare(team, pass);
  }

  /** {@code x W^T}: for callers that add the bias in a pass of their own. */
  void multiply(Operand x, Matrix out) {
    weights.multiply(x, 0, outputs(), out);
  }

  void forward(Operand x, Matrix out) {
    multiply(x, out);
    addBias(0, out);
  }

  /** {@link #forward(Operand, Matrix)} of all rows by a team; {@code x} need not have kept {@code rows} yet. */
  void forward(Team team, Matrix rows, Operand x, Matrix out) {
    inParts(team, rows, x, out, this::addBias);
  }

  /** {@link #multiply(Operand, Matrix)} of all rows by a team. */
  void multiply(Team team, Matrix rows, Operand x, Matrix out) {
    inParts(team, rows, x, out, (firstOutput, part) -> { });
  }

  /** Blocks of rows, or of outputs where there are few rows. */
  private void inParts(Team team, Matrix rows, Operand x, Matrix out, AfterProduct after) {
    RowBlocks blocks = RowBlocks.of(x.rows());
    if (blocks.count() >= team.threads()) {
      team.run(blocks.count(), block -> {
        int from = blocks.start(block);
        int to = blocks.end(block);
        x.keep(rows.rows(from, to), from);
        multiply(x.rows(from, to), out.rows(from, to));
        after.run(0, out.rows(from, to));
      });
      return;
    }
    x.keep(rows, 0);
    RowBlocks columns = weights.outputBlocks();
    team.run(blocks.count() * columns.count(), part -> {
      int block = part / columns.count();
      int from = columns.start(part % columns.count());
      int to = columns.end(part % columns.count());
      Matrix result = out.rows(blocks.start(block), blocks.end(block)).columns(from, to);
      weights.multiply(x.rows(blocks.start(block), blocks.end(block)), from, to, result);
      after.run(from, result);
    });
  }

  private interface AfterProduct {
    void run(int firstOutput, Matrix part);
  }

  private void addBias(int firstOutput, Matrix out) {
    for (int i = 0; i < out.rows(); i++) {
      addRow(bias.bytes(), bias.place(0, firstOutput), out.bytes(), out.place(i, 0), out.columns());
    }
  }

  void inputGradient(Operand outputGradient, Matrix inputGradient) {
    weights.multiplyBackward(outputGradient, inputGradient);
  }

  /** {@code [1, out]}. */
  Matrix biasGradient() {
    return biasGradient;
  }

  /** The product, still to be made, of the gradient of the weights. */
  Arithmetic.WeightGradient weightGradient(Operand outputGradient, Operand x) {
    return new Arithmetic.WeightGradient(outputGradient, x, weightGradient);
  }

  private static void addRow(ByteBuffer from, int source, ByteBuffer to, int target, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(to, target + j).add(Lanes.load(from, source + j)), to, target + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Lanes.at(to, target + j) + Lanes.at(from, source + j), to, target + j);
    }
  }
}
