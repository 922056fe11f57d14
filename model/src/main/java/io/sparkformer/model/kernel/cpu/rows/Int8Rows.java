package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.memory.VectorMemory;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Passes over rows between float32 and 8-bit integers with a scale: {@code x = scale * q}, {@code -127 <= q <= 127}. Places count elements,
 * of one byte as integers, of four in float32 and in the sums of products; buffers are in native order.
 *
 * <p>Rounding is to nearest, or stochastic: up with the probability of the part that is cut off, so that the expected value is exact
 * (Gupta et al. 2015, "Deep Learning with Limited Numerical Precision", section 3). Where the dice of a row begin is said by a key.
 */
public final class Int8Rows {
  /** The largest magnitude of an integer. */
  static final float LARGEST = 127;
  /** Rows with no larger magnitude are zero: their scale's inverse would leave float32. */
  private static final float SMALLEST = 1e-30f;

  private static final VectorSpecies<Byte> QUARTER =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Lanes.F.vectorBitSize() / 4));
  private static final int MAGNITUDE = 0x7FFFFFFF;
  /** Adding it rounds to the nearest integer, whose two's complement is then in the low byte. */
  private static final float ROUNDER = 12582912f;
  /**
   * Throws of dice: evenly spaced, so that they add up to 0, in random order. Behind them the first ones again. None comes so close to 1/2
   * that the sum with an integer above 64 rounds to a half, and with 127 to 128, whose byte is -128.
   */
  private static final float[] DICE = new float[2048 + Lanes.COUNT];
  private static final int DICE_MASK = 2047;

  static {
    List<Integer> order = IntStream.rangeClosed(0, DICE_MASK).boxed().collect(Collectors.toList());
    Collections.shuffle(order, new Random(1));
    for (int i = 0; i < DICE.length; i++) {
      DICE[i] = (order.get(i & DICE_MASK) + 0.5f) / (DICE_MASK + 1) - 0.5f;
    }
  }

  private Int8Rows() {}

  /** The scale of values whose largest magnitude, NaN above all, has these bits; NaN and infinity pass on. */
  public static float scale(int magnitude) {
    float largest = Float.intBitsToFloat(magnitude);
    return largest < SMALLEST ? 0 : largest / LARGEST;
  }

  /** What values are multiplied with to become integers. */
  public static float inverse(float scale) {
    return scale == 0 ? 0 : 1 / scale;
  }

  /** The bits of the largest magnitude, which are ordered as the magnitudes are. */
  public static int magnitude(ByteBuffer x, int at, int columns) {
    int whole = Lanes.whole(columns);
    IntVector most = IntVector.zero(Lanes.I);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      most = most.max(VectorMemory.ints(Lanes.I, x, (at + j) << 2).and(MAGNITUDE));
    }
    int result = most.reduceLanes(VectorOperators.MAX);
    for (int j = whole; j < columns; j++) {
      result = Math.max(result, x.getInt((at + j) << 2) & MAGNITUDE);
    }
    return result;
  }

  /** {@code most = max(most, magnitude bits of x)}, column by column. */
  public static void magnitudes(ByteBuffer x, int at, int[] most, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      IntVector bits = VectorMemory.ints(Lanes.I, x, (at + j) << 2).and(MAGNITUDE);
      bits.max(IntVector.fromArray(Lanes.I, most, j)).intoArray(most, j);
    }
    for (int j = whole; j < columns; j++) {
      most[j] = Math.max(most[j], x.getInt((at + j) << 2) & MAGNITUDE);
    }
  }

  /** {@code to = nearest(inverse * from)}. */
  public static void round(ByteBuffer from, int at, float inverse, ByteBuffer to, int toAt, int columns) {
    int whole = Lanes.whole(columns);
    FloatVector factor = FloatVector.broadcast(Lanes.F, inverse);
    FloatVector rounder = FloatVector.broadcast(Lanes.F, ROUNDER);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      store(Lanes.load(from, at + j).fma(factor, rounder), to, toAt + j);
    }
    for (int j = whole; j < columns; j++) {
      put(Math.fma(Lanes.at(from, at + j), inverse, ROUNDER), to, toAt + j);
    }
  }

  /** {@code to = nearest(inverses * from)}, column by column. */
  public static void round(ByteBuffer from, int at, float[] inverses, ByteBuffer to, int toAt, int columns) {
    int whole = Lanes.whole(columns);
    FloatVector rounder = FloatVector.broadcast(Lanes.F, ROUNDER);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      store(Lanes.load(from, at + j).fma(FloatVector.fromArray(Lanes.F, inverses, j), rounder), to, toAt + j);
    }
    for (int j = whole; j < columns; j++) {
      put(Math.fma(Lanes.at(from, at + j), inverses[j], ROUNDER), to, toAt + j);
    }
  }

  /** {@code to = stochastic(inverse * from)}. */
  public static void roundStochastically(ByteBuffer from, int at, float inverse, int key, ByteBuffer to, int toAt, int columns) {
    int whole = Lanes.whole(columns);
    FloatVector factor = FloatVector.broadcast(Lanes.F, inverse);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      store(Lanes.load(from, at + j).fma(factor, dice(key, j)).add(ROUNDER), to, toAt + j);
    }
    for (int j = whole; j < columns; j++) {
      put(Math.fma(Lanes.at(from, at + j), inverse, die(key, j)) + ROUNDER, to, toAt + j);
    }
  }

  /** {@code products = scales * moreScales}, none of them negative. Returns the largest product; NaN if there is one. */
  public static float multiplyScales(ByteBuffer scales, int at, ByteBuffer moreScales, int moreAt, float[] products, int to, int count) {
    int whole = Lanes.whole(count);
    FloatVector most = FloatVector.zero(Lanes.F);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector product = Lanes.load(scales, at + j).mul(Lanes.load(moreScales, moreAt + j));
      product.intoArray(products, to + j);
      most = most.max(product);
    }
    float largest = most.reduceLanes(VectorOperators.MAX);
    for (int j = whole; j < count; j++) {
      products[to + j] = Lanes.at(scales, at + j) * Lanes.at(moreScales, moreAt + j);
      largest = Math.max(largest, products[to + j]);
    }
    return largest;
  }

  /** {@code to = stochastic(factor * from)}, of integers; a factor is at most 1. */
  public static void rescale(ByteBuffer from, int at, float factor, int key, ByteBuffer to, int toAt, int columns) {
    int whole = Lanes.whole(columns);
    FloatVector factors = FloatVector.broadcast(Lanes.F, factor);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      store(load(from, at + j).fma(factors, dice(key, j)).add(ROUNDER), to, toAt + j);
    }
    for (int j = whole; j < columns; j++) {
      put(Math.fma((float) from.get(at + j), factor, die(key, j)) + ROUNDER, to, toAt + j);
    }
  }

  /** {@code to = scale * from}. */
  public static void widen(ByteBuffer from, int at, float scale, ByteBuffer to, int toAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(load(from, at + j).mul(scale), to, toAt + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(from.get(at + j) * scale, to, toAt + j);
    }
  }

  /** Turns sums of products into float32, in place: {@code x = x * rowScale * columnScales + bias}. */
  public static void scale(ByteBuffer x, int at, float rowScale, float[] columnScales, int scaleAt, ByteBuffer bias, int biasAt,
      int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector scales = FloatVector.fromArray(Lanes.F, columnScales, scaleAt + j).mul(rowScale);
      Lanes.store(loadSums(x, at + j).fma(scales, Lanes.load(bias, biasAt + j)), x, at + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Math.fma(x.getInt((at + j) << 2), columnScales[scaleAt + j] * rowScale, Lanes.at(bias, biasAt + j)), x, at + j);
    }
  }

  /** Turns sums of products into float32, in place: {@code x = x * rowScale * columnScales}. */
  public static void scale(ByteBuffer x, int at, float rowScale, float[] columnScales, int scaleAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector scales = FloatVector.fromArray(Lanes.F, columnScales, scaleAt + j).mul(rowScale);
      Lanes.store(loadSums(x, at + j).mul(scales), x, at + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(x.getInt((at + j) << 2) * (columnScales[scaleAt + j] * rowScale), x, at + j);
    }
  }

  /** {@code to += sums * scale * columnScales}. */
  public static void addScaled(ByteBuffer sums, int at, float scale, float[] columnScales, int scaleAt, ByteBuffer to, int toAt,
      int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector scales = FloatVector.fromArray(Lanes.F, columnScales, scaleAt + j).mul(scale);
      Lanes.store(loadSums(sums, at + j).fma(scales, Lanes.load(to, toAt + j)), to, toAt + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Math.fma(sums.getInt((at + j) << 2), columnScales[scaleAt + j] * scale, Lanes.at(to, toAt + j)), to, toAt + j);
    }
  }

  /** {@code to += sums * scale}. */
  public static void addScaled(ByteBuffer sums, int at, float scale, ByteBuffer to, int toAt, int columns) {
    int whole = Lanes.whole(columns);
    FloatVector scales = FloatVector.broadcast(Lanes.F, scale);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(loadSums(sums, at + j).fma(scales, Lanes.load(to, toAt + j)), to, toAt + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Math.fma(sums.getInt((at + j) << 2), scale, Lanes.at(to, toAt + j)), to, toAt + j);
    }
  }

  private static FloatVector load(ByteBuffer bytes, int place) {
    return (FloatVector) VectorMemory.bytes(QUARTER, bytes, place).convertShape(VectorOperators.B2F, Lanes.F, 0);
  }

  private static FloatVector loadSums(ByteBuffer bytes, int place) {
    return (FloatVector) VectorMemory.ints(Lanes.I, bytes, place << 2).convertShape(VectorOperators.I2F, Lanes.F, 0);
  }

  private static void store(FloatVector rounded, ByteBuffer bytes, int place) {
    VectorMemory.store((ByteVector) rounded.reinterpretAsInts().convertShape(VectorOperators.I2B, QUARTER, 0), bytes, place);
  }

  private static void put(float rounded, ByteBuffer bytes, int place) {
    bytes.put(place, (byte) Float.floatToRawIntBits(rounded));
  }

  /** Between -1/2 and 1/2, to be added before rounding to nearest. */
  private static FloatVector dice(int key, int column) {
    return FloatVector.fromArray(Lanes.F, DICE, key + column & DICE_MASK);
  }

  private static float die(int key, int column) {
    return DICE[key + column & DICE_MASK];
  }
}
