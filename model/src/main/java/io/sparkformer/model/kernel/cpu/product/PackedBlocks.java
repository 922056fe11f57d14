package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.memory.Address;
import io.sparkformer.model.kernel.cpu.memory.Floats;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import io.sparkformer.model.kernel.cpu.rows.DropoutRows;
import java.util.Arrays;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;

/**
 * Weights {@code [outputs, inputs]} packed as oneDNN's products like them best, in blocks of outputs, for products in one direction.
 *
 * <p>A product has a number of rows out of a few, so that few primitives serve all batches: the last rows are read together with padding,
 * and their results pass through scratch memory. oneDNN adds up an element in the same order whatever the number of rows, but for a single
 * one, so that an element depends on its row and column only; {@link RowCounts} asks the processor for it.
 */
final class PackedBlocks {
  /** Rows behind its last that the memory of padded rows must have. */
  static final int PADDING = RowBlocks.UNIT - 1;
  /** Outputs of one block of the forward product. */
  private static final int PANEL = 256;
  /** Outputs of one block of the backward product, where a layer has more than twice as many: the table of a vocabulary. */
  private static final int PIECE = 1024;
  private static final int LARGEST_ROWS = 256;

  /** Which product. */
  enum Way {
    /** {@code x W^T}, a block of columns at a time. */
    FORWARD,
    /** {@code dy W}, sums over a block of outputs at a time. */
    BACKWARD
  }

  private final ElementType type;
  private final Way way;
  private final int inputs;
  private final RowBlocks blocks;
  private final Floats[] memory;

  PackedBlocks(ElementType type, Way way, int outputs, int inputs) {
    this.type = type;
    this.way = way;
    this.inputs = inputs;
    this.blocks = way == Way.FORWARD ? RowBlocks.of(outputs, PANEL, PANEL)
        : outputs <= 2 * PIECE ? RowBlocks.of(outputs, 2 * PIECE) : RowBlocks.of(outputs, PIECE);
    this.memory = new Floats[blocks.count()];
  }

  /** How the outputs are cut. */
  RowBlocks blocks() {
    return blocks;
  }

  /** Outputs of a block. */
  int outputs(int block) {
    return blocks.end(block) - blocks.start(block);
  }

  /** Memory that has been taken. */
  long bytes() {
    return Arrays.stream(memory).filter(Objects::nonNull).mapToLong(block -> (long) Float.BYTES * block.length()).sum();
  }

  /** Packs a block of weights, whose first output's row is that of {@code plain}. */
  void pack(int block, ProductRows plain) {
    Primitives primitives = Primitives.ofThread();
    int inner = way == Way.FORWARD ? inputs : outputs(block);
    int columns = way == Way.FORWARD ? outputs(block) : inputs;
    long bytes = primitives.packedBytes(type, inner, columns);
    if (memory[block] == null) {
      memory[block] = Floats.allocate((bytes + Float.BYTES - 1) / Float.BYTES);
    }
    Primitives.Packing packing = way == Way.FORWARD ? new Primitives.Packing(type, inner, columns, 1, plain.stride())
        : new Primitives.Packing(type, inner, columns, plain.stride(), 1);
    primitives.reorder(packing, plain.address(), memory[block].address());
  }

  /**
   * The product with a block: in the forward direction its columns of {@code x W^T}, in the backward direction its part of the sums of
   * {@code dy W}.
   *
   * @param x forward {@code [rows, inputs]}, backward {@code [rows, outputs of the block]}
   * @param out receives {@link ElementType#sums}
   */
  void multiply(int block, ProductRows x, Matrix out, Primitives.Sum sum) {
    Primitives primitives = Primitives.ofThread();
    int inner = way == Way.FORWARD ? inputs : outputs(block);
    long weights = memory[block].address();
    int whole = x.rows() - x.rows() % RowBlocks.UNIT;
    for (int from = 0; from < whole; from += LARGEST_ROWS) {
      primitives.multiply(new Primitives.Product(type, Math.min(LARGEST_ROWS, whole - from), out.columns(), inner, x.stride(), out.stride(),
          sum), x.address(from, 0), weights, address(out, from));
    }
    if (whole == x.rows()) {
      return;
    }
    int rows = RowCounts.of(type).atLeast(x.rows() - whole);
    Matrix last = out.rows(whole, x.rows());
    Matrix padded = ThreadScratch.get().tail.matrix(rows, out.columns());
    if (sum == Primitives.Sum.ADDED) {
      copyRows(last, padded, last.rows());
    }
    ProductRows tail = x.isPadded() ? x : copied(x, whole, rows, inner);
    primitives.multiply(new Primitives.Product(type, rows, out.columns(), inner, tail.stride(), padded.stride(), sum),
        tail.address(x.isPadded() ? whole : 0, 0), weights, address(padded, 0));
    copyRows(padded, last, last.rows());
  }

  /** The last rows, in scratch memory that has more. */
  private static ProductRows copied(ProductRows x, int from, int rows, int columns) {
    int type = x.type().bytes();
    long row = (long) type * columns;
    long to = ThreadScratch.get().paddedRows.floats((rows * row + Float.BYTES - 1) / Float.BYTES).address();
    for (int i = from; i < x.rows(); i++) {
      Pointer.memcpy(new Address(to + (i - from) * row), new Address(x.address(i, 0)), row);
    }
    return new ProductRows(x.type(), to, rows, columns, true);
  }

  private static void copyRows(Matrix from, Matrix to, int rows) {
    for (int i = 0; i < rows; i++) {
      DropoutRows.copyRow(from.rows(0, rows), to, i);
    }
  }

  private static long address(Matrix matrix, int row) {
    return matrix.memory().address() + (long) Float.BYTES * matrix.place(row, 0);
  }
}
