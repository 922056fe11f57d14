package io.sparkformer.model.kernel.cpu.rows;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Bfloat16RowsTest {
  private static final int[] SPECIAL = {0, 0x80000000, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00000, 0x7F800001, 0x7FFFFFFF, 0xFFFFFFFF,
      0x7F7FFFFF, 0xFF7FFFFF, 0x7F7F8000, 0x7F7F7FFF, 1, 0x80000001, 0x8000, 0x8001, 0x18000, 0x17FFF, 0x3F808000, 0x3F818000, 0x3F807FFF,
      0x3F808001, 0xBF808000, 0xBF818000};

  /** The nearest of the two values above and below, by comparing what is cut off with one half. */
  private static int nearest(int bits) {
    if (Float.isNaN(Float.intBitsToFloat(bits))) {
      return bits >>> 16 | 0x40;
    }
    int cut = bits & 0xFFFF;
    int kept = bits >>> 16;
    return cut > 0x8000 || cut == 0x8000 && (kept & 1) == 1 ? kept + 1 : kept;
  }

  private static int[] bits(int length) {
    Random random = new Random(length);
    int[] bits = new int[length];
    for (int i = 0; i < length; i++) {
      bits[i] = i % 3 == 0 ? SPECIAL[random.nextInt(SPECIAL.length)] : random.nextInt();
    }
    return bits;
  }

  private static ByteBuffer memory(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  private static ByteBuffer floats(int at, int[] bits) {
    ByteBuffer floats = memory((at + bits.length) * Float.BYTES);
    for (int i = 0; i < bits.length; i++) {
      floats.putInt((at + i) * Float.BYTES, bits[i]);
    }
    return floats;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 15, 16, 17, 31, 33, 1009, 100_003})
  void everyValueIsRoundedToTheNearestAndANanStaysANan(int length) {
    int[] bits = bits(length);
    ByteBuffer from = floats(3, bits);
    ByteBuffer halves = memory((5 + length) * 2);
    ByteBuffer wide = memory((2 + length) * Float.BYTES);
    ByteBuffer inFloats = memory((1 + length) * Float.BYTES);
    Bfloat16Rows.round(from, 3, halves, 5, length);
    Bfloat16Rows.widen(halves, 5, wide, 2, length);
    Bfloat16Rows.roundInFloats(from, 3, inFloats, 1, length);
    for (int i = 0; i < length; i++) {
      assertThat(halves.getShort((5 + i) * 2)).as("%x", bits[i]).isEqualTo((short) nearest(bits[i]));
      assertThat(wide.getInt((2 + i) * Float.BYTES)).isEqualTo(nearest(bits[i]) << 16);
      assertThat(inFloats.getInt((1 + i) * Float.BYTES)).isEqualTo(nearest(bits[i]) << 16);
      assertThat(Float.isNaN(wide.getFloat((2 + i) * Float.BYTES))).isEqualTo(Float.isNaN(Float.intBitsToFloat(bits[i])));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 1009, 100_003})
  void roundedValuesFitIntoTheMemoryThatTheyComeFrom(int length) {
    int[] bits = bits(length);
    ByteBuffer both = floats(0, bits);
    Bfloat16Rows.round(both, 0, both, 0, length);
    for (int i = 0; i < length; i++) {
      assertThat(both.getShort(i * 2)).isEqualTo((short) nearest(bits[i]));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 1009})
  void aRoundedChangeIsWhatOthersAddToTheSameValues(int length) {
    Random random = new Random(length);
    float[] before = new float[length];
    float[] after = new float[length];
    ByteBuffer others = memory((1 + length) * Float.BYTES);
    for (int i = 0; i < length; i++) {
      before[i] = (float) random.nextGaussian();
      after[i] = before[i] + (float) (1e-3 * random.nextGaussian());
      others.putFloat((1 + i) * Float.BYTES, before[i]);
    }
    float[] exact = after.clone();
    ByteBuffer changes = memory((3 + length) * 2);
    Bfloat16Rows.roundChange(before, after, changes, 3, length);
    Bfloat16Rows.add(changes, 3, others, 1, length);
    for (int i = 0; i < length; i++) {
      int change = nearest(Float.floatToRawIntBits(exact[i] - before[i]));
      assertThat(changes.getShort((3 + i) * 2)).isEqualTo((short) change);
      assertThat(after[i]).isEqualTo(before[i] + Float.intBitsToFloat(change << 16));
      assertThat(others.getFloat((1 + i) * Float.BYTES)).isEqualTo(after[i]);
    }
  }
}
