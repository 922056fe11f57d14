package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.memory.VectorMemory;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Passes over rows between float32 and bfloat16, which is the upper half of a float32. Rounding is to nearest, ties to even; infinities
 * stay, and a NaN stays a NaN. Places count elements, of two bytes in bfloat16, of four in float32; buffers are in native order.
 */
public final class Bfloat16Rows {
  /** Bytes of one number. */
  public static final int BYTES = 2;

  private static final VectorSpecies<Short> HALF =
      VectorSpecies.of(short.class, VectorShape.forBitSize(Lanes.F.vectorBitSize() / 2));
  private static final int SHIFT = 16;
  /** What is added before the lower half is cut off: just below one half of the last place that stays, and one more if that is odd. */
  private static final int JUST_BELOW_HALF = 0x7FFF;
  private static final int UPPER_HALF = 0xFFFF0000;
  private static final int MAGNITUDE = 0x7FFFFFFF;
  private static final int INFINITY = 0x7F800000;
  private static final int QUIET = 0x00400000;

  private Bfloat16Rows() {}

  /** {@code to = bfloat16(from)}; both may be the same memory when {@code toAt} is not above {@code 2 * at}. */
  public static void round(ByteBuffer from, int at, ByteBuffer to, int toAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      IntVector upper = rounded(Lanes.load(from, at + j).reinterpretAsInts()).lanewise(VectorOperators.LSHR, SHIFT);
      VectorMemory.store((ShortVector) upper.convertShape(VectorOperators.I2S, HALF, 0), to, (toAt + j) << 1);
    }
    for (int j = whole; j < columns; j++) {
      to.putShort((toAt + j) << 1, (short) (rounded(from.getInt((at + j) << 2)) >>> SHIFT));
    }
  }

  /** {@code to = float32(bfloat16(from))}; both may be the same memory. */
  public static void roundInFloats(ByteBuffer from, int at, ByteBuffer to, int toAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(rounded(Lanes.load(from, at + j).reinterpretAsInts()).and(UPPER_HALF).reinterpretAsFloats(), to, toAt + j);
    }
    for (int j = whole; j < columns; j++) {
      to.putInt((toAt + j) << 2, rounded(from.getInt((at + j) << 2)) & UPPER_HALF);
    }
  }

  /** {@code to = float32(from)}. */
  public static void widen(ByteBuffer from, int at, ByteBuffer to, int toAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      ShortVector half = VectorMemory.shorts(HALF, from, (at + j) << 1);
      IntVector bits = (IntVector) half.convertShape(VectorOperators.S2I, Lanes.I, 0);
      Lanes.store(bits.lanewise(VectorOperators.LSHL, SHIFT).reinterpretAsFloats(), to, toAt + j);
    }
    for (int j = whole; j < columns; j++) {
      to.putInt((toAt + j) << 2, from.getShort((at + j) << 1) << SHIFT);
    }
  }

  /** {@code to += float32(from)}. */
  public static void add(ByteBuffer from, int at, ByteBuffer to, int toAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      ShortVector half = VectorMemory.shorts(HALF, from, (at + j) << 1);
      IntVector bits = (IntVector) half.convertShape(VectorOperators.S2I, Lanes.I, 0);
      Lanes.store(Lanes.load(to, toAt + j).add(bits.lanewise(VectorOperators.LSHL, SHIFT).reinterpretAsFloats()), to, toAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float summand = Float.intBitsToFloat(from.getShort((at + j) << 1) << SHIFT);
      Lanes.put(Lanes.at(to, toAt + j) + summand, to, toAt + j);
    }
  }

  /** Rounds a change: {@code to = bfloat16(after - before)}, and then {@code after = before + float32(to)}. */
  public static void roundChange(float[] before, float[] after, ByteBuffer to, int toAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector was = FloatVector.fromArray(Lanes.F, before, j);
      IntVector change = rounded(FloatVector.fromArray(Lanes.F, after, j).sub(was).reinterpretAsInts());
      IntVector upper = change.lanewise(VectorOperators.LSHR, SHIFT);
      VectorMemory.store((ShortVector) upper.convertShape(VectorOperators.I2S, HALF, 0), to, (toAt + j) << 1);
      was.add(change.and(UPPER_HALF).reinterpretAsFloats()).intoArray(after, j);
    }
    for (int j = whole; j < columns; j++) {
      int change = rounded(Float.floatToRawIntBits(after[j] - before[j]));
      to.putShort((toAt + j) << 1, (short) (change >>> SHIFT));
      after[j] = before[j] + Float.intBitsToFloat(change & UPPER_HALF);
    }
  }

  private static IntVector rounded(IntVector bits) {
    IntVector nearest = bits.add(bits.lanewise(VectorOperators.LSHR, SHIFT).and(1)).add(JUST_BELOW_HALF);
    return nearest.blend(bits.or(QUIET), bits.and(MAGNITUDE).compare(VectorOperators.GT, INFINITY));
  }

  private static int rounded(int bits) {
    return (bits & MAGNITUDE) > INFINITY ? bits | QUIET : bits + (bits >>> SHIFT & 1) + JUST_BELOW_HALF;
  }
}
