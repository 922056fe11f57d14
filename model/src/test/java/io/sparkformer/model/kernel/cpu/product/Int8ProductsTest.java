package io.sparkformer.model.kernel.cpu.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.kernel.cpu.Int8Kernels;
import io.sparkformer.model.kernel.cpu.memory.Floats;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Int8ProductsTest {
  private static final int UNTOUCHED = 0x5A5A5A5A;

  @BeforeAll
  static void needsVnni() {
    Int8Kernels.assumeTheyRun();
  }

  /** A rectangle of integers inside a larger one. */
  private record Integers(Floats memory, int offset, int rows, int columns, int stride) {
    static Integers of(int rows, int columns, int margin, IntSupplier values) {
      int stride = columns + margin;
      Floats memory = Floats.allocate((margin + (long) rows * stride + Float.BYTES) / Float.BYTES + 1);
      for (int i = 0; i < margin + rows * stride; i++) {
        memory.bytes().put(i, (byte) values.getAsInt());
      }
      return new Integers(memory, margin, rows, columns, stride);
    }

    int at(int row, int column) {
      return memory.bytes().get(offset + row * stride + column);
    }

    Int8Products.Bytes bytes() {
      return new Int8Products.Bytes(memory.address() + offset, stride);
    }
  }

  private interface Terms {
    long product(int row, int column, int term);
  }

  /** Sums in the middle of memory that holds something else. */
  private static Matrix sums(int rows, int columns) {
    Matrix all = new Matrix(Floats.allocate((rows + 2L) * (columns + 5)), 0, rows + 2, columns + 5, columns + 5);
    for (int i = 0; i < all.memory().length(); i++) {
      all.bytes().putInt(i * Float.BYTES, UNTOUCHED);
    }
    return all.rows(1, rows + 1).columns(2, columns + 2);
  }

  private static void assertExact(Matrix sums, int inner, Terms terms) {
    ByteBuffer bytes = sums.bytes();
    for (int i = 0; i < sums.rows(); i++) {
      for (int j = 0; j < sums.columns(); j++) {
        long expected = 0;
        for (int k = 0; k < inner; k++) {
          expected += terms.product(i, j, k);
        }
        assertThat((long) bytes.getInt(sums.place(i, j) * Float.BYTES)).as("[%d, %d]", i, j).isEqualTo(expected);
      }
      assertThat(bytes.getInt((sums.place(i, 0) - 1) * Float.BYTES)).isEqualTo(UNTOUCHED);
      assertThat(bytes.getInt(sums.place(i, sums.columns()) * Float.BYTES)).isEqualTo(UNTOUCHED);
    }
    for (int j = 0; j < sums.columns(); j++) {
      assertThat(bytes.getInt(sums.place(-1, j) * Float.BYTES)).isEqualTo(UNTOUCHED);
      assertThat(bytes.getInt(sums.place(sums.rows(), j) * Float.BYTES)).isEqualTo(UNTOUCHED);
    }
  }

  private static void assertAllProducts(int rows, int columns, int inner, IntSupplier values) {
    for (int margin : new int[] {0, 3}) {
      Integers a = Integers.of(rows, inner, margin, values);
      Integers aTransposed = Integers.of(inner, rows, margin, values);
      Integers b = Integers.of(inner, columns, margin, values);
      Integers bTransposed = Integers.of(columns, inner, margin, values);
      Matrix sums = sums(rows, columns);
      Int8Products.product(a.bytes(), b.bytes(), inner, sums);
      assertExact(sums, inner, (i, j, k) -> (long) a.at(i, k) * b.at(k, j));
      Int8Products.productWithTransposed(a.bytes(), bTransposed.bytes(), inner, sums);
      assertExact(sums, inner, (i, j, k) -> (long) a.at(i, k) * bTransposed.at(j, k));
      Int8Products.productOfTransposed(aTransposed.bytes(), b.bytes(), inner, sums);
      assertExact(sums, inner, (i, j, k) -> (long) aTransposed.at(k, i) * b.at(k, j));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 17, 3", "7, 5, 64", "33, 31, 127", "64, 16, 4", "129, 70, 77", "5, 3, 1009", "2, 300, 131", "300, 2, 65"})
  void sumsAreExact(int rows, int columns, int inner) {
    Random random = new Random(rows * 31L + columns);
    assertAllProducts(rows, columns, inner, () -> random.nextInt(-127, 128));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 2", "3, 17, 300", "48, 33, 1024"})
  void extremesAreNotSaturated(int rows, int columns, int inner) {
    Random random = new Random(inner);
    assertAllProducts(rows, columns, inner, () -> 127);
    assertAllProducts(rows, columns, inner, () -> -127);
    assertAllProducts(rows, columns, inner, () -> random.nextBoolean() ? 127 : -127);
  }

  @ParameterizedTest
  @ValueSource(ints = {127, -127})
  void theLongestSumStillFits(int second) {
    int inner = Int8Products.LONGEST_INNER;
    Integers a = Integers.of(2, inner, 0, () -> 127);
    Integers b = Integers.of(3, inner, 0, () -> second);
    Matrix sums = sums(2, 3);
    Int8Products.productWithTransposed(a.bytes(), b.bytes(), inner, sums);
    assertExact(sums, inner, (i, j, k) -> 127L * second);
    Int8Products.product(a.bytes(), new Int8Products.Bytes(b.bytes().address(), 3), inner, sums);
    assertExact(sums, inner, (i, j, k) -> 127L * second);
    Int8Products.productOfTransposed(new Int8Products.Bytes(a.bytes().address(), 2), new Int8Products.Bytes(b.bytes().address(), 3), inner,
        sums);
    assertExact(sums, inner, (i, j, k) -> 127L * second);
  }

  @Test
  void aLongerSumIsRefused() {
    Integers some = Integers.of(1, 1, 0, () -> 1);
    assertThatThrownBy(() -> Int8Products.product(some.bytes(), some.bytes(), Int8Products.LONGEST_INNER + 1, sums(1, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A product of 8-bit integers over 131073 terms would leave 32 bits (at most 131072)");
  }

  @Test
  void whatHasNoRowsOrNoColumnsIsLeftAlone() {
    Integers some = Integers.of(3, 3, 0, () -> 1);
    Matrix sums = sums(2, 2);
    Int8Products.product(some.bytes(), some.bytes(), 3, sums.rows(0, 0));
    Int8Products.product(some.bytes(), some.bytes(), 3, sums.columns(0, 0));
    assertExact(sums, 1, (i, j, k) -> UNTOUCHED);
  }
}
