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
 * The packed weights of a layer for products in one direction, in blocks of outputs.
 *
 * <p>A product has a number of rows out of a few ({@link RowCounts}): the last rows are read together with padding, and their results pass
 * through scratch memory. So an element is always the same sum in the same order, and depends on its row and column only.
 */
final class PackedBlocks {
  /** Outputs of one piece, where a layer has more than twice as many: the table of a vocabulary. */
  static final int PIECE = 1024;
  /** Outputs of one panel: columns of a product that are made together, in a core's cache. */
  private static final int PANEL = 256;
  private static final int LARGEST_ROWS = 256;

  private final RowBlocks blocks;
  private final Floats[] memory;
  /** Of the parameters that they were made of. */
  private int version = -1;

  private PackedBlocks(RowBlocks blocks) {
    this.blocks = blocks;
    this.memory = new Floats[blocks.count()];
  }

  /** For forward products, in panels of outputs, which are columns of the result. */
  static PackedBlocks ofPanels(int outputs) {
    return new PackedBlocks(RowBlocks.of(outputs, PANEL, PANEL));
  }

  /** For backward products, in pieces of outputs that are summed up. */
  static PackedBlocks ofPieces(int outputs) {
    return new PackedBlocks(RowBlocks.of(outputs, outputs <= 2 * PIECE ? 2 * PIECE : PIECE));
  }

  /** Rows as products read them, in native memory. */
  interface Rows {
    /** Whether there is room behind the last row for the next multiple of 32, so that products may read it. */
    default boolean hasRoom() {
      return true;
    }

    int rows();

    int columns();

    /** Elements between the beginnings of neighbouring rows. */
    int stride();

    long address(int row, int column);
  }

  RowBlocks blocks() {
    return blocks;
  }

  /** Memory that has been taken. */
  long bytes() {
    return Arrays.stream(memory).filter(Objects::nonNull).mapToLong(block -> (long) Float.BYTES * block.length()).sum();
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
      int rows = primitives.rowCounts().atLeast(x.rows() - whole);
      Matrix padded = ThreadScratch.get().tail.matrix(rows, out.columns());
      if (sum == Primitives.Sum.ADDED) {
        copyRows(last, padded, last.rows());
      }
      int stride = x.hasRoom() ? x.stride() : x.columns();
      long source = x.hasRoom() ? x.address(whole, 0) : copied(x, whole, rows);
      primitives.multiply(new Primitives.Product(rows, out.columns(), x.columns(), stride, padded.stride(), sum), source, weights,
          address(padded, 0));
      copyRows(padded, last, last.rows());
    }
  }

  /** The address of a copy of the rows from {@code from} on, which are float32, in scratch memory that has room for more. */
  private static long copied(Rows x, int from, int rows) {
    long bytes = (long) Float.BYTES * x.columns();
    long to = ThreadScratch.get().paddedRows.floats((long) rows * x.columns()).address();
    for (int i = from; i < x.rows(); i++) {
      Pointer.memcpy(new Address(to + (i - from) * bytes), new Address(x.address(i, 0)), bytes);
    }
    return to;
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
