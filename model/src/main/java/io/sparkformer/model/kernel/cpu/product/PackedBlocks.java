package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.memory.Floats;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import io.sparkformer.model.kernel.cpu.rows.DropoutRows;

/**
 * The packed weights of a layer for products in one direction, in blocks of outputs.
 *
 * <p>A product has a multiple of 32 rows. The last rows are read together with padding, and their results pass through scratch memory.
 * So an element is always the same sum in the same order, and depends on its row and column only.
 */
final class PackedBlocks {
  private static final int LARGEST_ROWS = 256;

  private final RowBlocks blocks;
  private final Floats[] memory;
  /** Of the parameters that they were made of. */
  private int version = -1;

  PackedBlocks(RowBlocks blocks) {
    this.blocks = blocks;
    this.memory = new Floats[blocks.count()];
  }

  /** Rows as products read them, in native memory; behind the last there is room for the next multiple of 32. */
  interface Rows {
    int rows();

    int columns();

    /** Elements between the beginnings of neighbouring rows. */
    int stride();

    long address(int row, int column);
  }

  RowBlocks blocks() {
    return blocks;
  }

  boolean isOf(int parameters) {
    return version == parameters;
  }

  void madeOf(int parameters) {
    version = parameters;
  }

  /** The block of an output. */
  int indexOf(int output) {
    return output / blocks.unit();
  }

  /** The address of a block's memory, which is there from the first time on. */
  long memory(int block, long bytes) {
    if (memory[block] == null) {
      memory[block] = Floats.allocate((bytes + Float.BYTES - 1) / Float.BYTES);
    }
    return memory[block].address();
  }

  /** The product of rows and a block's weights. */
  void multiply(Primitives primitives, Rows x, int block, Matrix out, Primitives.Sum sum) {
    long weights = memory[block].address();
    int whole = x.rows() - x.rows() % RowBlocks.UNIT;
    for (int from = 0; from < whole; from += LARGEST_ROWS) {
      int rows = Math.min(LARGEST_ROWS, whole - from);
      primitives.multiply(new Primitives.Product(rows, out.columns(), x.columns(), x.stride(), out.stride(), sum), x.address(from, 0),
          weights, address(out, from));
    }
    if (whole < x.rows()) {
      Matrix last = out.rows(whole, x.rows());
      Matrix padded = ThreadScratch.get().tail.matrix(RowBlocks.UNIT, out.columns());
      if (sum == Primitives.Sum.ADDED) {
        copyRows(last, padded, last.rows());
      }
      primitives.multiply(new Primitives.Product(RowBlocks.UNIT, out.columns(), x.columns(), x.stride(), padded.stride(), sum),
          x.address(whole, 0), weights, address(padded, 0));
      copyRows(padded, last, last.rows());
    }
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
