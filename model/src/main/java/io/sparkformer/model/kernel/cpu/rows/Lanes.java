package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.memory.VectorMemory;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * What the vector loops share: the widest vectors of this processor, loads and stores by place, and functions of lanes. Every function
 * has a scalar twin for the tail of a row that gives the same result to the last bit, and both use nothing but exactly rounded
 * operations: results do not depend on the width of vectors or on what the JIT compiler has done so far.
 */
public final class Lanes {
  /** The widest vectors of floats. */
  public static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  /** Vectors of as many ints. */
  public static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
  /** Floats of one vector. */
  public static final int COUNT = F.length();
  /** 0 in every lane. */
  static final FloatVector ZERO = FloatVector.zero(F);
  /** 1 in every lane. */
  static final FloatVector ONE = all(1f);

  private static final float LOG2_E = 1.44269504f;
  /** Adding it rounds to the nearest integer, which is then in the low bits. */
  private static final float ROUNDER = 12582912f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;
  private static final float EXP_LOWEST = -87.3f;
  private static final float EXP_HIGHEST = 88f;
  private static final int MANTISSA_BITS = 23;

  /** Coefficients of the exponential function as in Cephes, of the normal distribution function as in Abramowitz and Stegun, 7.1.26. */
  private static final float EXP_7 = 1.9875691500e-4f;
  private static final float EXP_6 = 1.3981999507e-3f;
  private static final float EXP_5 = 8.3334519073e-3f;
  private static final float EXP_4 = 4.1665795894e-2f;
  private static final float EXP_3 = 1.6666665459e-1f;
  private static final float EXP_2 = 5.0000001201e-1f;
  private static final float PHI_0 = 0.3275911f * (float) Math.sqrt(0.5);
  private static final float PHI_5 = 1.061405429f;
  private static final float PHI_4 = -1.453152027f;
  private static final float PHI_3 = 1.421413741f;
  private static final float PHI_2 = -0.284496736f;
  private static final float PHI_1 = 0.254829592f;

  // Constants of loops in all lanes, made once: each broadcast within a loop counts against the size up to which the JIT compiler keeps its
  // vectors in registers.
  private static final FloatVector ALL_EXP_LOWEST = all(EXP_LOWEST);
  private static final FloatVector ALL_EXP_HIGHEST = all(EXP_HIGHEST);
  private static final FloatVector ALL_LOG2_E = all(LOG2_E);
  private static final FloatVector ALL_ROUNDER = all(ROUNDER);
  private static final FloatVector ALL_MINUS_LN2_HIGH = all(-LN2_HIGH);
  private static final FloatVector ALL_MINUS_LN2_LOW = all(-LN2_LOW);
  private static final FloatVector ALL_EXP_7 = all(EXP_7);
  private static final FloatVector ALL_EXP_6 = all(EXP_6);
  private static final FloatVector ALL_EXP_5 = all(EXP_5);
  private static final FloatVector ALL_EXP_4 = all(EXP_4);
  private static final FloatVector ALL_EXP_3 = all(EXP_3);
  private static final FloatVector ALL_EXP_2 = all(EXP_2);
  private static final FloatVector ALL_PHI_0 = all(PHI_0);
  private static final FloatVector ALL_PHI_5 = all(PHI_5);
  private static final FloatVector ALL_PHI_4 = all(PHI_4);
  private static final FloatVector ALL_PHI_3 = all(PHI_3);
  private static final FloatVector ALL_PHI_2 = all(PHI_2);
  private static final FloatVector ALL_PHI_1 = all(PHI_1);
  private static final FloatVector HALF = all(0.5f);

  /** Dropout's hash inputs of the elements of one vector, relative to the first. */
  private static final int[] STRIDES = new int[COUNT];

  static {
    for (int lane = 0; lane < COUNT; lane++) {
      STRIDES[lane] = lane * Dropout.ELEMENT_STRIDE;
    }
  }

  private Lanes() {}

  /** A value in every lane. */
  static FloatVector all(float value) {
    return FloatVector.broadcast(F, value);
  }

  /** The largest multiple of the number of lanes that is not above {@code length}. */
  public static int whole(int length) {
    return length - length % COUNT;
  }

  /** The smallest multiple of the number of lanes that is not below {@code length}. */
  public static int padded(int length) {
    return whole(length + COUNT - 1);
  }

  /** A vector from a place on, in floats from the beginning of the memory. */
  public static FloatVector load(ByteBuffer bytes, int place) {
    return VectorMemory.floats(F, bytes, place << 2);
  }

  /** The reverse of {@link #load}. */
  public static void store(FloatVector value, ByteBuffer bytes, int place) {
    VectorMemory.store(value, bytes, place << 2);
  }

  /** The float at a place. */
  public static float at(ByteBuffer bytes, int place) {
    return bytes.getFloat(place << 2);
  }

  /** The reverse of {@link #at}. */
  public static void put(float value, ByteBuffer bytes, int place) {
    bytes.putFloat(place << 2, value);
  }

  /** The exponential function, to 2 units in the last place; 0 below -87.3, where float32 ends. Coefficients as in Cephes. */
  public static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.max(ALL_EXP_LOWEST).min(ALL_EXP_HIGHEST);
    FloatVector shifted = clamped.fma(ALL_LOG2_E, ALL_ROUNDER);
    FloatVector n = shifted.sub(ALL_ROUNDER);
    FloatVector r = n.fma(ALL_MINUS_LN2_HIGH, clamped);
    r = n.fma(ALL_MINUS_LN2_LOW, r);
    FloatVector p = ALL_EXP_7;
    p = p.fma(r, ALL_EXP_6);
    p = p.fma(r, ALL_EXP_5);
    p = p.fma(r, ALL_EXP_4);
    p = p.fma(r, ALL_EXP_3);
    p = p.fma(r, ALL_EXP_2);
    p = p.mul(r).fma(r, r).add(ONE);
    IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
    FloatVector result = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    return result.blend(ZERO, x.compare(VectorOperators.LT, ALL_EXP_LOWEST));
  }

  static float exp(float x) {
    if (x < EXP_LOWEST) {
      return 0;
    }
    float clamped = Math.min(x, EXP_HIGHEST);
    float shifted = Math.fma(clamped, LOG2_E, ROUNDER);
    float n = shifted - ROUNDER;
    float r = Math.fma(n, -LN2_HIGH, clamped);
    r = Math.fma(n, -LN2_LOW, r);
    float p = EXP_7;
    p = Math.fma(p, r, EXP_6);
    p = Math.fma(p, r, EXP_5);
    p = Math.fma(p, r, EXP_4);
    p = Math.fma(p, r, EXP_3);
    p = Math.fma(p, r, EXP_2);
    p = Math.fma(p * r, r, r) + 1f;
    return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << MANTISSA_BITS));
  }

  /**
   * The normal distribution function, given {@code exp(-x^2 / 2)}: Abramowitz and Stegun, 7.1.26, within 7.5e-8.
   */
  static FloatVector normalDistribution(FloatVector x, FloatVector exponential) {
    FloatVector t = ONE.div(x.abs().fma(ALL_PHI_0, ONE));
    FloatVector p = ALL_PHI_5;
    p = p.fma(t, ALL_PHI_4);
    p = p.fma(t, ALL_PHI_3);
    p = p.fma(t, ALL_PHI_2);
    p = p.fma(t, ALL_PHI_1);
    FloatVector tail = p.mul(t).mul(exponential).mul(HALF);
    return tail.blend(ONE.sub(tail), x.compare(VectorOperators.GE, ZERO));
  }

  static float normalDistribution(float x, float exponential) {
    float t = 1f / Math.fma(Math.abs(x), PHI_0, 1f);
    float p = PHI_5;
    p = Math.fma(p, t, PHI_4);
    p = Math.fma(p, t, PHI_3);
    p = Math.fma(p, t, PHI_2);
    p = Math.fma(p, t, PHI_1);
    float tail = p * t * exponential * 0.5f;
    return x >= 0 ? 1f - tail : tail;
  }

  /** The dropout multipliers, 0 or the scale, of the elements from {@code element} on. */
  static FloatVector dropout(int rowKey, int element, int threshold, int scaleBits) {
    return dropout(IntVector.fromArray(I, STRIDES, 0).add(rowKey + element * Dropout.ELEMENT_STRIDE), threshold, scaleBits);
  }

  /** The dropout multipliers of elements with these hash inputs. */
  public static FloatVector dropout(IntVector hashed, int threshold, int scaleBits) {
    IntVector hash = hashed.lanewise(VectorOperators.XOR, hashed.lanewise(VectorOperators.LSHR, 16)).mul(Dropout.FIRST_MULTIPLIER);
    hash = hash.lanewise(VectorOperators.XOR, hash.lanewise(VectorOperators.LSHR, 15)).mul(Dropout.SECOND_MULTIPLIER);
    hash = hash.lanewise(VectorOperators.XOR, hash.lanewise(VectorOperators.LSHR, 16)).lanewise(VectorOperators.LSHR, 8);
    // The sign of hash - threshold says that the element is dropped.
    IntVector kept = hash.sub(threshold).lanewise(VectorOperators.ASHR, 31).not();
    return kept.and(scaleBits).reinterpretAsFloats();
  }

  static float dropout(int rowKey, int element, int threshold, float scale) {
    return Dropout.keeps(rowKey, element, threshold) ? scale : 0f;
  }

  /** The sum of the lanes, always added in the same order; {@code lanes} is scratch memory of {@link #COUNT} floats. */
  public static float sum(FloatVector vector, float[] lanes) {
    vector.intoArray(lanes, 0);
    for (int half = COUNT >> 1; half > 0; half >>= 1) {
      for (int i = 0; i < half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[0];
  }
}
