package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.memory.Floats;
import io.sparkformer.model.kernel.cpu.memory.HostMemory;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import io.sparkformer.model.kernel.cpu.rows.Int8Rows;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.nio.ByteBuffer;

/**
 * Rows of 8-bit integers, each row with a scale, or a rectangle of such. Activations are rounded to nearest. Gradients, most of whose
 * elements are far smaller than the largest of their row, are rounded stochastically, so that what they add up to over many tokens is
 * right; the dice depend on the row's own values, so that results are the same from run to run. Its memory has rows up to the next
 * multiple of {@link #PADDING}, of unspecified content until {@link #clearPadding}.
 *
 * @param memory where scales lie, and behind them the integers
 * @param scaleOffset place of the first row's scale, in floats
 * @param offset place of the first integer, in bytes
 * @param stride integers between the beginnings of neighbouring rows
 */
public record Int8Operand(Floats memory, Role role, int scaleOffset, int offset, int rows, int columns, int stride)
    implements Operand, PackedBlocks.Rows {
  /** Products that sum over rows take a multiple of so many, so that few primitives serve all batches. */
  static final int PADDING = 256;

  private static final byte[] ZEROS = new byte[4096];
  /** Spreads the bits of a row's scale over the keys of its dice. */
  private static final int KEY_MULTIPLIER = 0x45D9F3B;

  static Int8Operand of(HostMemory memory, Role role, int rows, int columns) {
    int scales = Lanes.padded(rows);
    Floats floats = memory.floats(scales + ((long) padded(rows) * columns + Float.BYTES - 1) / Float.BYTES);
    return new Int8Operand(floats, role, 0, scales * Float.BYTES, rows, columns, columns);
  }

  static int padded(int rows) {
    return (rows + PADDING - 1) / PADDING * PADDING;
  }

  /** Sets the rows of padding, of a whole operand, to zero: they then add nothing to a sum over rows. */
  void clearPadding() {
    for (int at = place(rows, 0), end = place(padded(rows), 0); at < end; at += ZEROS.length) {
      memory.bytes().put(at, ZEROS, 0, Math.min(ZEROS.length, end - at));
    }
  }

  @Override
  public Int8Operand rows(int from, int to) {
    return new Int8Operand(memory, role, scaleOffset + from, place(from, 0), to - from, columns, stride);
  }

  @Override
  public Int8Operand columns(int from, int to) {
    return new Int8Operand(memory, role, scaleOffset, offset + from, rows, to - from, stride);
  }

  ByteBuffer bytes() {
    return memory.bytes();
  }

  int place(int row, int column) {
    return offset + row * stride + column;
  }

  @Override
  public long address(int row, int column) {
    return memory.address() + place(row, column);
  }

  float scale(int row) {
    return Lanes.at(memory.bytes(), scaleOffset + row);
  }

  @Override
  public Matrix draft(int from, int to) {
    return ThreadScratch.get().draft.matrix(to - from, columns);
  }

  @Override
  public void keep(Matrix from, int at) {
    for (int i = 0; i < from.rows(); i++) {
      int row = from.place(i, 0);
      float scale = Int8Rows.scale(Int8Rows.magnitude(from.bytes(), row, columns));
      Lanes.put(scale, memory.bytes(), scaleOffset + at + i);
      if (role == Role.GRADIENT) {
        Int8Rows.roundStochastically(from.bytes(), row, Int8Rows.inverse(scale), key(scale), memory.bytes(), place(at + i, 0), columns);
      } else {
        Int8Rows.round(from.bytes(), row, Int8Rows.inverse(scale), memory.bytes(), place(at + i, 0), columns);
      }
    }
  }

  /** The key of the dice of a row with such a scale. */
  public static int key(float scale) {
    int bits = Float.floatToRawIntBits(scale) * KEY_MULTIPLIER;
    return bits ^ bits >>> 16;
  }

  @Override
  public Matrix floats(int from, int to) {
    Matrix wide = ThreadScratch.get().floats.matrix(to - from, columns);
    for (int i = from; i < to; i++) {
      Int8Rows.widen(memory.bytes(), place(i, 0), scale(i), wide.bytes(), wide.place(i - from, 0), columns);
    }
    return wide;
  }
}
