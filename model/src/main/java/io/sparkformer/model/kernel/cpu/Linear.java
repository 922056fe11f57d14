package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.Weight;
import java.nio.ByteBuffer;

/**
 * A linear layer {@code y = x W^T + b} over blocks of rows; {@code W [out, in]}, {@code b [out]}. Some of the rows of a larger matrix
 * may be the layer, as the projections of attention are.
 */
final class Linear {
  /** Outputs of one part of a product: with fewer, oneDNN adds up an element's terms in another order. */
  private static final int FEWEST_OUTPUTS = 128;

  private final Matrix weight;
  private final Matrix bias;
  private final Matrix weightGradient;
  private final Matrix biasGradient;

  private Linear(Matrix weight, Matrix bias, Matrix weightGradient, Matrix biasGradient) {
    this.weight = weight;
    this.bias = bias;
    this.weightGradient = weightGradient;
    this.biasGradient = biasGradient;
  }

  static Linear of(Weight weight, Weight bias) {
    boolean trains = weight.gradient() != null;
    return new Linear(Matrix.of(weight.value()), Matrix.of(bias.value()),
        trains ? Matrix.of(weight.gradient()) : null, trains ? Matrix.of(bias.gradient()) : null);
  }

  /** The outputs {@code [from, to)} of this layer, in the same memory. */
  Linear outputs(int from, int to) {
    return new Linear(weight.rows(from, to), bias.columns(from, to),
        weightGradient == null ? null : weightGradient.rows(from, to), biasGradient == null ? null : biasGradient.columns(from, to));
  }

  int inputs() {
    return weight.columns();
  }

  int outputs() {
    return weight.rows();
  }

  Matrix bias() {
    return bias;
  }

  /** {@code x W^T}: for callers that add the bias in a pass of their own. */
  void multiply(Matrix x, Matrix out) {
    Products.productWithTransposed(x, weight, out);
  }

  void forward(Matrix x, Matrix out) {
    multiply(x, out);
    for (int i = 0; i < out.rows(); i++) {
      addRow(bias.bytes(), bias.offset(), out.bytes(), out.place(i, 0), out.columns());
    }
  }

  /** {@link #forward(Matrix, Matrix)} of all rows by a team. */
  void forward(Team team, Matrix x, Matrix out) {
    inParts(team, x, out, Linear::forward);
  }

  /** {@link #multiply(Matrix, Matrix)} of all rows by a team. */
  void multiply(Team team, Matrix x, Matrix out) {
    inParts(team, x, out, Linear::multiply);
  }

  /** Blocks of rows, or of outputs where there are few rows. */
  private void inParts(Team team, Matrix x, Matrix out, Operation operation) {
    RowBlocks rows = RowBlocks.of(x.rows());
    RowBlocks columns = new RowBlocks(outputs(), rows.count() >= team.threads() ? 1 : Math.max(1, outputs() / FEWEST_OUTPUTS));
    team.run(rows.count() * columns.count(), part -> {
      int block = part / columns.count();
      int from = columns.start(part % columns.count());
      int to = columns.end(part % columns.count());
      operation.run(outputs(from, to), x.rows(rows.start(block), rows.end(block)),
          out.rows(rows.start(block), rows.end(block)).columns(from, to));
    });
  }

  private interface Operation {
    void run(Linear layer, Matrix x, Matrix out);
  }

  void inputGradient(Matrix outputGradient, Matrix inputGradient) {
    Products.product(outputGradient, weight, inputGradient);
  }

  /** {@code [1, out]}. */
  Matrix biasGradient() {
    return biasGradient;
  }

  /** The product, still to be made, of the gradient of the weights. */
  Gradient weightGradient(Matrix outputGradient, Matrix x) {
    return new Gradient(outputGradient, x, weightGradient);
  }

  /** {@code weights += outputGradient^T x}. */
  record Gradient(Matrix outputGradient, Matrix x, Matrix weights) {}

  /** Makes the products of weight gradients, each in parts that are rows of the weights. */
  static void addWeightGradients(Team team, Gradient... gradients) {
    int parts = team.threads() == 1 ? 1 : 2 * team.threads();
    team.run(parts * gradients.length, part -> {
      Gradient gradient = gradients[part / parts];
      RowBlocks blocks = new RowBlocks(gradient.weights().rows(), parts);
      int from = blocks.start(part % parts);
      int to = blocks.end(part % parts);
      if (from < to) {
        Products.addProductOfTransposed(gradient.outputGradient().columns(from, to), gradient.x(), gradient.weights().rows(from, to));
      }
    });
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
