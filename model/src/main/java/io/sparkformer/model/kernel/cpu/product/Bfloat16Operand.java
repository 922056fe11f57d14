package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.memory.Floats;
import io.sparkformer.model.kernel.cpu.memory.HostMemory;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import io.sparkformer.model.kernel.cpu.rows.Bfloat16Rows;

/**
 * Rows rounded to bfloat16, or a rectangle of such. Its memory has rows up to the next multiple of {@link #PADDING}, so that products
 * may read whole blocks; what stands in the rows of padding is unspecified until {@link #clearPadding}.
 *
 * @param memory where it lies, two elements to a float
 * @param offset place of its first element, in elements
 * @param stride elements between the beginnings of neighbouring rows
 * @param following rows, from the first on, that are not padding: those of the operand that this is a part of
 */
record Bfloat16Operand(Floats memory, int offset, int rows, int columns, int stride, int following)
    implements Operand, PackedBlocks.Rows {
  /** Products that sum over rows take a multiple of so many, so that few primitives serve all batches. */
  static final int PADDING = 256;

  private static final byte[] ZEROS = new byte[4096];

  static Bfloat16Operand of(HostMemory memory, int rows, int columns) {
    return new Bfloat16Operand(memory.floats(((long) padded(rows) * columns + 1) / 2), 0, rows, columns, columns, rows);
  }

  static int padded(int rows) {
    return (rows + PADDING - 1) / PADDING * PADDING;
  }

  @Override
  public Bfloat16Operand rows(int from, int to) {
    return new Bfloat16Operand(memory, place(from, 0), to - from, columns, stride, following - from);
  }

  @Override
  public Bfloat16Operand columns(int from, int to) {
    return new Bfloat16Operand(memory, offset + from, rows, to - from, stride, following);
  }

  int place(int row, int column) {
    return offset + row * stride + column;
  }

  @Override
  public long address(int row, int column) {
    return memory.address() + (long) Bfloat16Rows.BYTES * place(row, column);
  }

  @Override
  public Matrix draft(int from, int to) {
    return ThreadScratch.get().draft.matrix(to - from, columns);
  }

  @Override
  public void keep(Matrix from, int at) {
    for (int i = 0; i < from.rows(); i++) {
      Bfloat16Rows.round(from.bytes(), from.place(i, 0), memory.bytes(), place(at + i, 0), columns);
    }
  }

  @Override
  public Matrix floats(int from, int to) {
    Matrix wide = ThreadScratch.get().floats.matrix(to - from, columns);
    for (int i = from; i < to; i++) {
      Bfloat16Rows.widen(memory.bytes(), place(i, 0), wide.bytes(), wide.place(i - from, 0), columns);
    }
    return wide;
  }

  /** Sets the rows of padding, up to the next multiple, to zero: they then add nothing to a sum over rows. */
  void clearPadding() {
    for (int i = following; i < padded(rows); i++) {
      int end = place(i, columns) * Bfloat16Rows.BYTES;
      for (int at = place(i, 0) * Bfloat16Rows.BYTES; at < end; at += ZEROS.length) {
        memory.bytes().put(at, ZEROS, 0, Math.min(ZEROS.length, end - at));
      }
    }
  }
}
