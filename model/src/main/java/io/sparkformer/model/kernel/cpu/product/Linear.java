package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;

/**
 * A linear layer {@code y = x W^T + b} over blocks of rows; {@code W [out, in]}, {@code b [out]} or none. Some of the rows of a larger
 * matrix may be the layer, as the projections of attention are. {@link #prepare} comes before the products of a pass.
 */
public final class Linear {
  private final Arithmetic arithmetic;
  private final Matrix values;
  private final Arithmetic.Weights weights;
  private final Arithmetic.Weights inference;
  /** Null for none. */
  private final Matrix bias;
  /** Null where the weights are not trained. */
  private final Matrix weightGradient;
  /** Null for no bias, or one that is not trained. */
  private final Matrix biasGradient;
  /** The weights that the passes of the kind prepared for last read. */
  private Arithmetic.Weights prepared;

  private Linear(Arithmetic arithmetic, Matrix values, Matrix bias, Matrix weightGradient, Matrix biasGradient) {
    this.arithmetic = arithmetic;
    this.values = values;
    this.weights = arithmetic.weights(values);
    this.inference = weights.forInference();
    this.prepared = weights;
    this.bias = bias;
    this.weightGradient = weightGradient;
    this.biasGradient = biasGradient;
  }

  /** {@code bias} is null for none. */
  public static Linear of(Arithmetic arithmetic, Weight weight, Weight bias) {
    return new Linear(arithmetic, Matrix.of(weight.value()), bias == null ? null : Matrix.of(bias.value()), Matrix.ofGradient(weight),
        Matrix.ofGradient(bias));
  }

  /** The outputs {@code [from, to)} of this layer, in the same memory, as a layer of its own. */
  public Linear outputs(int from, int to) {
    return new Linear(arithmetic, values.rows(from, to), bias == null ? null : bias.columns(from, to),
        weightGradient == null ? null : weightGradient.rows(from, to), biasGradient == null ? null : biasGradient.columns(from, to));
  }

  /** Columns of what the layer reads. */
  public int inputs() {
    return values.columns();
  }

  /** Columns of what the layer gives. */
  public int outputs() {
    return values.rows();
  }

  /** The finest cut of the outputs; a product may be made of any run of its blocks. */
  public RowBlocks outputBlocks() {
    return prepared.outputBlocks();
  }

  /** {@code [1, out]}; null for none. */
  public Matrix bias() {
    return bias;
  }

  /** Makes ready for the products of such a pass. */
  public void prepare(Team team, Pass pass) {
    prepared = pass.isTraining() ? weights : inference;
    prepared.prepare(team, pass);
  }

  /** {@code x W^T}: for callers that add the bias in a pass of their own. */
  public void multiply(Operand x, Matrix out) {
    prepared.multiply(x, 0, outputs(), out);
  }

  /** {@code out = x W^T + b}: {@code x [rows, in]}, {@code out [rows, out]}. */
  public void forward(Operand x, Matrix out) {
    forward(x, 0, outputs(), out);
  }

  /** {@link #forward(Operand, Matrix)} for the outputs {@code [from, to)}. */
  public void forward(Operand x, int from, int to, Matrix out) {
    if (bias == null) {
      prepared.multiply(x, from, to, out);
    } else {
      prepared.multiply(x, from, to, bias, out);
    }
  }

  /** {@link #forward(Operand, Matrix)} of all rows by a team; {@code x} need not have kept {@code rows} yet. */
  public void forward(Team team, Matrix rows, Operand x, Matrix out) {
    inParts(team, rows, x, out, this::forward);
  }

  /** {@link #multiply(Operand, Matrix)} of all rows by a team. */
  public void multiply(Team team, Matrix rows, Operand x, Matrix out) {
    inParts(team, rows, x, out, prepared::multiply);
  }

  /** Blocks of rows, or of outputs where there are few rows. */
  private void inParts(Team team, Matrix rows, Operand x, Matrix out, Product product) {
    RowBlocks blocks = RowBlocks.of(x.rows());
    if (blocks.count() >= team.threads()) {
      team.run(blocks.count(), block -> {
        int from = blocks.start(block);
        int to = blocks.end(block);
        x.keep(rows.rows(from, to), from);
        product.run(x.rows(from, to), 0, outputs(), out.rows(from, to));
      });
      return;
    }
    x.keep(rows, 0);
    RowBlocks columns = outputBlocks();
    team.run(blocks.count() * columns.count(), part -> {
      int block = part / columns.count();
      int from = columns.start(part % columns.count());
      int to = columns.end(part % columns.count());
      product.run(x.rows(blocks.start(block), blocks.end(block)), from, to,
          out.rows(blocks.start(block), blocks.end(block)).columns(from, to));
    });
  }

  /** A product of some rows, for the outputs {@code [from, to)}. */
  private interface Product {
    void run(Operand x, int from, int to, Matrix out);
  }

  /** {@code dx = dy W}: {@code dy [rows, out]}, {@code dx [rows, in]}. */
  public void inputGradient(Operand outputGradient, Matrix inputGradient) {
    weights.multiplyBackward(outputGradient, inputGradient);
  }

  /** {@code [1, out]}; null if there is no bias, or one that is not trained. */
  public Matrix biasGradient() {
    return biasGradient;
  }

  /** The product, still to be made, of the gradient of the weights. */
  public Arithmetic.WeightGradient weightGradient(Operand outputGradient, Operand x) {
    return new Arithmetic.WeightGradient(outputGradient, x, weightGradient);
  }
}
