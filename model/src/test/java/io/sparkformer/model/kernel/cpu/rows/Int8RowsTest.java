package io.sparkformer.model.kernel.cpu.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparkformer.model.kernel.cpu.product.Int8Operand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class Int8RowsTest {
  private static final int LANES = Lanes.COUNT;
  /** Half the distance between 1 and the next float32. */
  private static final double ULP = Math.pow(2, -24);
  private static final float MOST = Int8Rows.LARGEST;
  /** Of a row of sums. */
  private static final float SCALE = 3.3e-4f;

  @BeforeAll
  static void needsVectorsOf256Bits() {
    assumeTrue(Lanes.F.vectorBitSize() >= 256, "8-bit integers need vectors of 256 bits, here they have " + Lanes.F.vectorBitSize());
  }

  static IntStream sizes() {
    return IntStream.of(1, 7, LANES - 1, LANES, LANES + 1, 2 * LANES, 31, 1009).distinct();
  }

  private static ByteBuffer memory(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  private static ByteBuffer floats(int at, float... values) {
    ByteBuffer floats = memory((at + values.length) * Float.BYTES);
    for (int i = 0; i < values.length; i++) {
      Lanes.put(values[i], floats, at + i);
    }
    return floats;
  }

  /** Of every magnitude, from the largest down to what rounds to zero. */
  private static float[] values(int length) {
    Random random = new Random(length);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) (random.nextGaussian() * Math.pow(2, -random.nextInt(12)));
    }
    return values;
  }

  private static float scale(float... values) {
    return Int8Rows.scale(Int8Rows.magnitude(floats(3, values), 3, values.length));
  }

  private static float[] filled(int length, float value) {
    float[] values = new float[length];
    Arrays.fill(values, value);
    return values;
  }

  private static byte[] bytesOf127(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 127);
    return bytes;
  }

  private static byte[] bytes(ByteBuffer from, int at, int length) {
    byte[] bytes = new byte[length];
    from.get(at, bytes);
    return bytes;
  }

  private static byte[] stochastic(float[] values, float inverse, int key) {
    ByteBuffer to = memory(5 + values.length);
    Int8Rows.roundStochastically(floats(3, values), 3, inverse, key, to, 5, values.length);
    return bytes(to, 5, values.length);
  }

  private static byte[] rescaled(byte[] values, float factor, int key) {
    ByteBuffer from = memory(3 + values.length).put(3, values);
    ByteBuffer to = memory(5 + values.length);
    Int8Rows.rescale(from, 3, factor, key, to, 5, values.length);
    return bytes(to, 5, values.length);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void theLargestMagnitudeBecomes127(int length) {
    float[] values = values(length);
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(scale(values)).isEqualTo(largest / 127);
    // Also where it stands last, in the tail, and with either sign.
    values[length - 1] = -100;
    assertThat(scale(values)).isEqualTo(100 / 127f);
    assertThat(Int8Rows.inverse(100 / 127f)).isEqualTo(1 / (100 / 127f));
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void magnitudesOfColumnsAreTheLargestOfAllRows(int length) {
    int[] most = new int[length];
    float[] first = values(length);
    float[] second = values(length + 1);
    Int8Rows.magnitudes(floats(3, first), 3, most, length);
    Int8Rows.magnitudes(floats(2, second), 2, most, length);
    for (int i = 0; i < length; i++) {
      assertThat(Float.intBitsToFloat(most[i])).isEqualTo(Math.max(Math.abs(first[i]), Math.abs(second[i])));
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void valuesAreRoundedToTheNearestInteger(int length) {
    float[] values = values(length);
    float inverse = Int8Rows.inverse(scale(values));
    // Ties go to the even integer.
    values[length / 2] = 2.5f / inverse;
    float[] inverses = new float[length];
    for (int i = 0; i < length; i++) {
      inverses[i] = inverse * (1 - i % 3 * 0.25f);
    }
    ByteBuffer from = floats(3, values);
    ByteBuffer byRow = memory(5 + length);
    ByteBuffer byColumn = memory(6 + length);
    ByteBuffer wide = memory((2 + length) * Float.BYTES);
    Int8Rows.round(from, 3, inverse, byRow, 5, length);
    Int8Rows.round(from, 3, inverses, byColumn, 6, length);
    Int8Rows.widen(byRow, 5, 0.37f, wide, 2, length);
    for (int i = 0; i < length; i++) {
      assertThat((double) byRow.get(5 + i)).as("%s", values[i]).isEqualTo(Math.rint((double) values[i] * inverse));
      assertThat((double) byColumn.get(6 + i)).as("%s", values[i]).isEqualTo(Math.rint((double) values[i] * inverses[i]));
      assertThat(Lanes.at(wide, 2 + i)).isEqualTo(byRow.get(5 + i) * 0.37f);
    }
  }

  @Test
  void everyIntegerComesBackThroughItsScale() {
    float[] values = new float[255];
    for (float unit : new float[] {1, 0.3f, 1e-28f, 1e28f, 7.7e-13f}) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (i - 127) * unit;
      }
      float inverse = Int8Rows.inverse(scale(values));
      ByteBuffer nearest = memory(values.length);
      Int8Rows.round(floats(3, values), 3, inverse, nearest, 0, values.length);
      for (int i = 0; i < values.length; i++) {
        assertThat((int) nearest.get(i)).as("unit %s", unit).isEqualTo(i - 127);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void aRowOfZerosHasNoScaleAndStaysZero(int length) {
    for (float zero : new float[] {0, -0f, Float.MIN_VALUE, -1e-31f}) {
      float[] values = filled(length, zero);
      float scale = scale(values);
      assertThat(scale).isZero();
      assertThat(Int8Rows.inverse(scale)).isZero();
      assertThat(stochastic(values, 0, 12345)).containsOnly(0);
      ByteBuffer nearest = memory(length);
      Int8Rows.round(floats(3, values), 3, 0, nearest, 0, length);
      assertThat(bytes(nearest, 0, length)).containsOnly(0);
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void oneNanOrInfinityLeavesNothingFiniteInItsRow(int length) {
    for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.intBitsToFloat(0xFFC12345)}) {
      float[] values = values(length);
      values[length - 1] = value;
      float scale = scale(values);
      float inverse = Int8Rows.inverse(scale);
      ByteBuffer from = floats(3, values);
      ByteBuffer integers = memory(2 * length);
      Int8Rows.round(from, 3, inverse, integers, 0, length);
      Int8Rows.roundStochastically(from, 3, inverse, Int8Operand.key(scale), integers, length, length);
      ByteBuffer wide = memory(2 * length * Float.BYTES);
      Int8Rows.widen(integers, 0, scale, wide, 0, 2 * length);
      for (int i = 0; i < 2 * length; i++) {
        assertThat(Float.isFinite(Lanes.at(wide, i))).as("%s: place %d of %d", value, i, length).isFalse();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void stochasticRoundingIsNeverOffByOne(int length) {
    float[] values = values(length);
    float inverse = Int8Rows.inverse(scale(values));
    Random keys = new Random(1);
    for (int run = 0; run < 20; run++) {
      byte[] rounded = stochastic(values, inverse, keys.nextInt());
      for (int i = 0; i < length; i++) {
        assertThat(rounded[i] - (double) values[i] * inverse).as("%s", values[i]).isStrictlyBetween(-1.0, 1.0);
      }
    }
  }

  /** Dice come close to one half, but not so close that their sum with a large integer is rounded to a half. */
  @Test
  void integersStayWhatTheyAreWhateverTheDice() {
    byte[] integers = new byte[255 * 40];
    float[] values = new float[integers.length];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = (byte) (i % 255 - 127);
      values[i] = integers[i];
    }
    Random keys = new Random(2);
    for (int run = 0; run < 1000; run++) {
      assertThat(Arrays.mismatch(rescaled(integers, 1, keys.nextInt()), integers)).isEqualTo(-1);
      assertThat(Arrays.mismatch(stochastic(values, 1, keys.nextInt()), integers)).isEqualTo(-1);
    }
    assertThat(rescaled(integers, 0, 5)).containsOnly(0);
  }

  /** It may be a little more than 127 times the scale, which is rounded, as is its inverse. */
  @Test
  void theLargestOfARowStaysTheLargestWhateverTheDice() {
    int length = 10_000;
    byte[] expected = bytesOf127(length);
    Random random = new Random(4);
    for (int run = 0; run < 1000; run++) {
      float largest = 1 + random.nextFloat();
      assertThat(Arrays.mismatch(stochastic(filled(length, largest), Int8Rows.inverse(scale(largest)), random.nextInt()), expected))
          .as("%s", largest).isEqualTo(-1);
    }
  }

  /** A mean of n values deviates by at most {@code sqrt(f (1 - f) / n)}, with {@code f} the part that is cut off. */
  @ParameterizedTest
  @ValueSource(floats = {0.003f, 0.25f, 0.5f, 12.9f, -0.01f, -1.5f, -126.7f})
  void stochasticRoundingIsRightOnAverage(float value) {
    int length = 2 * LANES + 3;
    int runs = 20_000;
    ByteBuffer values = floats(3, filled(length, value));
    ByteBuffer integers = memory(length).put(0, bytesOf127(length));
    float factor = Math.abs(value) / MOST;
    ByteBuffer rounded = memory(length);
    ByteBuffer rescaled = memory(length);
    double[] sums = new double[length];
    double[] rescaledSums = new double[length];
    Random keys = new Random(3);
    for (int run = 0; run < runs; run++) {
      Int8Rows.roundStochastically(values, 3, 1, keys.nextInt(), rounded, 0, length);
      Int8Rows.rescale(integers, 0, factor, keys.nextInt(), rescaled, 0, length);
      for (int i = 0; i < length; i++) {
        sums[i] += rounded.get(i);
        rescaledSums[i] += rescaled.get(i);
      }
    }
    double cut = value - Math.floor(value);
    double bound = 6 * Math.sqrt(cut * (1 - cut) / runs);
    for (int i = 0; i < length; i++) {
      assertThat(sums[i] / runs).as("column %d", i).isCloseTo(value, within(bound));
      assertThat(rescaledSums[i] / runs).as("rescaled column %d", i).isCloseTo(Math.abs(value), within(bound));
    }
    // One key alone, over many columns.
    byte[] row = stochastic(filled(runs, value), 1, 77);
    assertThat(IntStream.range(0, runs).map(i -> row[i]).average().orElseThrow()).isCloseTo(value, within(bound));
  }

  @Test
  void theSameKeyThrowsTheSameDiceAndAnotherKeyOthers() {
    float[] values = values(1009);
    float inverse = Int8Rows.inverse(scale(values));
    assertThat(stochastic(values, inverse, 8)).isEqualTo(stochastic(values, inverse, 8)).isNotEqualTo(stochastic(values, inverse, 9));
    byte[] integers = stochastic(values, inverse, 8);
    assertThat(rescaled(integers, 0.7f, 8)).isEqualTo(rescaled(integers, 0.7f, 8)).isNotEqualTo(rescaled(integers, 0.7f, 9));
    assertThat(Int8Operand.key(0.1f)).isNotEqualTo(Int8Operand.key(Math.nextUp(0.1f)));
  }

  /** What a row's vectors compute, its scalar tail computes: every column of the first is in the tail of some shorter row. */
  @Test
  void aShorterRowIsThePrefixOfALongerOne() {
    int longest = 4 * LANES;
    float[] values = values(longest);
    float inverse = Int8Rows.inverse(scale(values));
    byte[] integers = stochastic(values, inverse, 4);
    byte[] rescaled = rescaled(integers, 0.3f, 4);
    float[] scaled = scaled(longest);
    float[] addedByColumn = addedByColumn(longest);
    float[] added = added(longest);
    for (int length = 1; length < longest; length++) {
      assertThat(stochastic(Arrays.copyOf(values, length), inverse, 4)).isEqualTo(Arrays.copyOf(integers, length));
      assertThat(rescaled(Arrays.copyOf(integers, length), 0.3f, 4)).isEqualTo(Arrays.copyOf(rescaled, length));
      assertThat(scaled(length)).isEqualTo(Arrays.copyOf(scaled, length));
      assertThat(addedByColumn(length)).isEqualTo(Arrays.copyOf(addedByColumn, length));
      assertThat(added(length)).isEqualTo(Arrays.copyOf(added, length));
    }
  }

  /** Sums of products, some of them too large for float32 to hold exactly. */
  private static int sum(int i) {
    return new Random(i).nextInt() >> i % 20;
  }

  private static float columnScale(int i) {
    return 0.01f + i % 7 * 0.013f;
  }

  private static float valueBefore(int i) {
    return (float) Math.sin(i) * 1000;
  }

  private static ByteBuffer sums(int at, int length) {
    ByteBuffer sums = memory((at + length) * Float.BYTES);
    for (int i = 0; i < length; i++) {
      sums.putInt((at + i) * Float.BYTES, sum(i));
    }
    return sums;
  }

  private static float[] columnScales(int at, int length) {
    float[] scales = new float[at + length];
    for (int i = 0; i < length; i++) {
      scales[at + i] = columnScale(i);
    }
    return scales;
  }

  private static float[] read(ByteBuffer floats, int at, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = Lanes.at(floats, at + i);
    }
    return values;
  }

  private static float[] scaled(int length) {
    ByteBuffer inPlace = sums(3, length);
    Int8Rows.scale(inPlace, 3, SCALE, columnScales(2, length), 2, length);
    return read(inPlace, 3, length);
  }

  private static ByteBuffer before(int at, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = valueBefore(i);
    }
    return floats(at, values);
  }

  private static float[] added(int length) {
    ByteBuffer to = before(4, length);
    Int8Rows.addScaled(sums(3, length), 3, SCALE, to, 4, length);
    return read(to, 4, length);
  }

  private static float[] addedByColumn(int length) {
    ByteBuffer to = before(4, length);
    Int8Rows.addScaled(sums(3, length), 3, SCALE, columnScales(2, length), 2, to, 4, length);
    return read(to, 4, length);
  }

  /** Up to three roundings: of the integer, of both scales' product, of the result. */
  @ParameterizedTest
  @MethodSource("sizes")
  void sumsAreScaledAndAddedInFloat32(int length) {
    float[] scaled = scaled(length);
    float[] addedByColumn = addedByColumn(length);
    float[] added = added(length);
    for (int i = 0; i < length; i++) {
      double term = (double) sum(i) * SCALE * columnScale(i);
      double plain = (double) sum(i) * SCALE;
      assertThat((double) scaled[i]).isCloseTo(term, within(3.01 * ULP * Math.abs(term)));
      assertThat((double) addedByColumn[i]).isCloseTo(valueBefore(i) + term,
          within(2.01 * ULP * Math.abs(term) + 1.01 * ULP * Math.abs(valueBefore(i) + term)));
      assertThat((double) added[i]).isCloseTo(valueBefore(i) + plain,
          within(1.01 * ULP * Math.abs(plain) + 1.01 * ULP * Math.abs(valueBefore(i) + plain)));
    }
  }
}
