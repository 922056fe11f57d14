package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.cpu.memory.HostMemory;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import io.sparkformer.model.kernel.cpu.rows.BiasRows;

/**
 * The products of linear layers in one precision: what they read, and how they are made. Chosen once for all kernels of a graph.
 * Results of products, and the gradients of weights, are float32 in every precision.
 */
public interface Arithmetic {
  /** For the log. */
  String name();

  /** An operand of unspecified content, to be filled through drafts, in memory taken from the stack. */
  Operand operand(HostMemory memory, Role role, int rows, int columns);

  /**
   * An operand that is to hold these float32 rows. Every block of them must be given to {@link Operand#keep}; they are read where they
   * are if products read float32, else memory taken from the stack receives them.
   */
  Operand operand(HostMemory memory, Role role, Matrix rows);

  /** The weights of a layer, {@code [outputs, inputs]}. */
  Weights weights(Matrix values);

  /** Forgets what was derived from the values of weights. */
  void parametersChanged();

  /** Adds weight gradients, all of them at once so that threads find enough to do; the output gradients are spent. */
  void addWeightGradients(Team team, WeightGradient... gradients);

  /** Rows of one block of logits. */
  int logitRows();

  /** How the rows of a batch are cut so that the logits of a slab, and their gradient, fit into memory. */
  RowBlocks slabs(int rows, int vocabulary);

  /** Weights as products read them. */
  interface Weights {
    /** Derives what products of such a pass, and of the backward pass that follows training, need, unless it is there. */
    void prepare(Team team, Pass pass);

    /** The weights themselves, in float32: {@code [outputs, inputs]}. */
    Matrix values();

    default int outputs() {
      return values().rows();
    }

    default int inputs() {
      return values().columns();
    }

    /** The weights for passes of inference, if others are faster there. */
    default Weights forInference() {
      return this;
    }

    /** Memory of what has been derived. */
    default long derivedBytes() {
      return 0;
    }

    /** The finest cut of the outputs; a product may be made of any run of its blocks. */
    RowBlocks outputBlocks();

    /** {@code out = x W^T} for the outputs {@code [from, to)}: {@code x [rows, inputs]}, {@code out [rows, to - from]}. */
    void multiply(Operand x, int from, int to, Matrix out);

    /** {@link #multiply(Operand, int, int, Matrix)}, and {@code bias [1, outputs]} added. */
    default void multiply(Operand x, int from, int to, Matrix bias, Matrix out) {
      multiply(x, from, to, out);
      for (int i = 0; i < out.rows(); i++) {
        BiasRows.add(bias.bytes(), bias.place(0, from), out.bytes(), out.place(i, 0), out.columns());
      }
    }

    /** {@code dx = dy W}: {@code dy [rows, outputs]}, {@code dx [rows, inputs]}. */
    void multiplyBackward(Operand dy, Matrix dx);
  }

  /** {@code weights += outputGradient^T x}, still to be made; {@code weights} are null if they are not trained. */
  record WeightGradient(Operand outputGradient, Operand x, Matrix weights) {}
}
