package io.sparkformer.model.kernel.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Passes over rows between float32 and bfloat16, which is the upper half of a float32. Rounding is to nearest, ties to even; infinities
 * stay, and so do the NaNs that processors make. Places of bfloat16 count elements of two bytes.
 */
final class Bfloat16Rows {
  static final int BYTES = 2;

  private static final VectorSpecies<Short> HALF =
      VectorSpecies.of(short.class, VectorShape.forBitSize(Lanes.F.vectorBitSize() / 2));
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int SHIFT = 16;
  /** What is added before the lower half is cut off: just below one half of the last place that stays, and one more if that is odd. */
  private static final int JUST_BELOW_HALF = 0x7FFF;
  private static final int UPPER_HALF = 0xFFFF0000;

  private Bfloat16Rows() {}

  /** {@code to = bfloat16(from)}. */
  static void round(ByteBuffer from, int at, ByteBuffer to, int toAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      IntVector upper = rounded(Lanes.load(from, at + j).reinterpretAsInts()).lanewise(VectorOperators.LSHR, SHIFT);
      ((ShortVector) upper.convertShape(VectorOperators.I2S, HALF, 0)).intoByteBuffer(to, (toAt + j) << 1, ORDER);
    }
    for (int j = whole; j < columns; j++) {
      to.putShort((toAt + j) << 1, (short) (rounded(from.getInt((at + j) << 2)) >>> SHIFT));
    }
  }

  /** {@code to = float32(bfloat16(from))}; both may be the same memory. */
  static void roundInFloats(ByteBuffer from, int at, ByteBuffer to, int toAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(rounded(Lanes.load(from, at + j).reinterpretAsInts()).and(UPPER_HALF).reinterpretAsFloats(), to, toAt + j);
    }
    for (int j = whole; j < columns; j++) {
      to.putInt((toAt + j) << 2, rounded(from.getInt((at + j) << 2)) & UPPER_HALF);
    }
  }

  /** {@code to = float32(from)}. */
  static void widen(ByteBuffer from, int at, ByteBuffer to, int toAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      ShortVector half = ShortVector.fromByteBuffer(HALF, from, (at + j) << 1, ORDER);
      IntVector bits = (IntVector) half.convertShape(VectorOperators.S2I, Lanes.I, 0);
      Lanes.store(bits.lanewise(VectorOperators.LSHL, SHIFT).reinterpretAsFloats(), to, toAt + j);
    }
    for (int j = whole; j < columns; j++) {
      to.putInt((toAt + j) << 2, from.getShort((at + j) << 1) << SHIFT);
    }
  }

  private static IntVector rounded(IntVector bits) {
    return bits.add(bits.lanewise(VectorOperators.LSHR, SHIFT).and(1)).add(JUST_BELOW_HALF);
  }

  private static int rounded(int bits) {
    return bits + (bits >>> SHIFT & 1) + JUST_BELOW_HALF;
  }
}
