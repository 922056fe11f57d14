package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.kernel.cpu.rows.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * {@code C = A B} or {@code C += A B} for tiles of attention, in Java arrays: there the call of a library would cost more than the product.
 * An element is the sum of its products in the order of {@code k}, whatever the size of the matrices: a row of C depends on nothing but
 * its row of A. What a {@link Band} hides is left out.
 *
 * <p>The parameters of all products: {@code n}, the columns of B and C, is a multiple of the number of lanes. A's element {@code [i, p]} is
 * {@code a[aAt + i * aRow + p * aColumn]}, so that A may be transposed; B's row {@code p} begins at {@code bAt + p * bRow}, C's row
 * {@code i} at {@code cAt + i * cRow}.
 */
final class SmallProduct {
  /** What becomes of what C holds. */
  enum Sum {
    NEW,
    ADDED
  }

  private SmallProduct() {}

  /** {@code C = A B}. */
  static void multiply(int m, int n, int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow, float[] c, int cAt,
      int cRow) {
    multiply(Band.ALL, Sum.NEW, m, n, k, a, aAt, aRow, aColumn, b, bAt, bRow, c, cAt, cRow);
  }

  /** {@code C = A B} in the columns that the band's blocks of rows see; others stay, or become what they are in the whole product. */
  static void multiplyVisible(Band band, int m, int n, int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow,
      float[] c, int cAt, int cRow) {
    for (int j = 0; j < n; j += 2 * Lanes.COUNT) {
      int columns = Math.min(2 * Lanes.COUNT, n - j);
      int end = band.lastRow(j + columns, m);
      for (int i = band.firstRow(j); i < end; i += Band.ROWS) {
        block(Sum.NEW, Math.min(Band.ROWS, end - i), columns, k, a, aAt + i * aRow, aRow, aColumn, b, bAt + j, bRow, c,
            cAt + i * cRow + j, cRow);
      }
    }
  }

  /** {@code C = A B} or {@code C += A B}, where row {@code i} of A is zero in the columns that the band's block of row {@code i} hides. */
  static void multiply(Band band, Sum sum, int m, int n, int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow,
      float[] c, int cAt, int cRow) {
    for (int j = 0; j < n; j += 2 * Lanes.COUNT) {
      for (int i = 0; i < m; i += Band.ROWS) {
        int from = band.from(i);
        block(sum, Math.min(Band.ROWS, m - i), Math.min(2 * Lanes.COUNT, n - j), band.to(i, k) - from, a,
            aAt + i * aRow + from * aColumn, aRow, aColumn, b, bAt + j + from * bRow, bRow, c, cAt + i * cRow + j, cRow);
      }
    }
  }

  /** At most {@link Band#ROWS} rows and two vectors of columns. */
  private static void block(Sum sum, int m, int n, int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow,
      float[] c, int cAt, int cRow) {
    int done = 0;
    if (n > Lanes.COUNT) {
      if (m == Band.ROWS) {
        eightByTwo(sum, k, a, aAt, aRow, aColumn, b, bAt, bRow, c, cAt, cRow);
        return;
      }
      if (m >= 4) {
        fourByTwo(sum, k, a, aAt, aRow, aColumn, b, bAt, bRow, c, cAt, cRow);
        done = 4;
      }
      for (; done < m; done++) {
        oneByTwo(sum, k, a, aAt + done * aRow, aColumn, b, bAt, bRow, c, cAt + done * cRow);
      }
      return;
    }
    if (m == Band.ROWS) {
      eightByOne(sum, k, a, aAt, aRow, aColumn, b, bAt, bRow, c, cAt, cRow);
      return;
    }
    if (m >= 4) {
      fourByOne(sum, k, a, aAt, aRow, aColumn, b, bAt, bRow, c, cAt, cRow);
      done = 4;
    }
    for (; done < m; done++) {
      oneByOne(sum, k, a, aAt + done * aRow, aColumn, b, bAt, bRow, c, cAt + done * cRow);
    }
  }

  private static FloatVector start(Sum sum, float[] c, int at) {
    return sum == Sum.NEW ? FloatVector.zero(Lanes.F) : FloatVector.fromArray(Lanes.F, c, at);
  }

  private static void eightByTwo(Sum sum, int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow, float[] c,
      int cAt, int cRow) {
    FloatVector c00 = start(sum, c, cAt);
    FloatVector c01 = start(sum, c, cAt + Lanes.COUNT);
    FloatVector c10 = start(sum, c, cAt + cRow);
    FloatVector c11 = start(sum, c, cAt + cRow + Lanes.COUNT);
    FloatVector c20 = start(sum, c, cAt + 2 * cRow);
    FloatVector c21 = start(sum, c, cAt + 2 * cRow + Lanes.COUNT);
    FloatVector c30 = start(sum, c, cAt + 3 * cRow);
    FloatVector c31 = start(sum, c, cAt + 3 * cRow + Lanes.COUNT);
    FloatVector c40 = start(sum, c, cAt + 4 * cRow);
    FloatVector c41 = start(sum, c, cAt + 4 * cRow + Lanes.COUNT);
    FloatVector c50 = start(sum, c, cAt + 5 * cRow);
    FloatVector c51 = start(sum, c, cAt + 5 * cRow + Lanes.COUNT);
    FloatVector c60 = start(sum, c, cAt + 6 * cRow);
    FloatVector c61 = start(sum, c, cAt + 6 * cRow + Lanes.COUNT);
    FloatVector c70 = start(sum, c, cAt + 7 * cRow);
    FloatVector c71 = start(sum, c, cAt + 7 * cRow + Lanes.COUNT);
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(Lanes.F, b, bAt + p * bRow);
      FloatVector b1 = FloatVector.fromArray(Lanes.F, b, bAt + p * bRow + Lanes.COUNT);
      int at = aAt + p * aColumn;
      FloatVector a0 = FloatVector.broadcast(Lanes.F, a[at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(Lanes.F, a[at + aRow]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(Lanes.F, a[at + 2 * aRow]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(Lanes.F, a[at + 3 * aRow]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(Lanes.F, a[at + 4 * aRow]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(Lanes.F, a[at + 5 * aRow]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(Lanes.F, a[at + 6 * aRow]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(Lanes.F, a[at + 7 * aRow]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + Lanes.COUNT);
    c10.intoArray(c, cAt + cRow);
    c11.intoArray(c, cAt + cRow + Lanes.COUNT);
    c20.intoArray(c, cAt + 2 * cRow);
    c21.intoArray(c, cAt + 2 * cRow + Lanes.COUNT);
    c30.intoArray(c, cAt + 3 * cRow);
    c31.intoArray(c, cAt + 3 * cRow + Lanes.COUNT);
    c40.intoArray(c, cAt + 4 * cRow);
    c41.intoArray(c, cAt + 4 * cRow + Lanes.COUNT);
    c50.intoArray(c, cAt + 5 * cRow);
    c51.intoArray(c, cAt + 5 * cRow + Lanes.COUNT);
    c60.intoArray(c, cAt + 6 * cRow);
    c61.intoArray(c, cAt + 6 * cRow + Lanes.COUNT);
    c70.intoArray(c, cAt + 7 * cRow);
    c71.intoArray(c, cAt + 7 * cRow + Lanes.COUNT);
  }

  private static void fourByTwo(Sum sum, int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow, float[] c,
      int cAt, int cRow) {
    FloatVector c00 = start(sum, c, cAt);
    FloatVector c01 = start(sum, c, cAt + Lanes.COUNT);
    FloatVector c10 = start(sum, c, cAt + cRow);
    FloatVector c11 = start(sum, c, cAt + cRow + Lanes.COUNT);
    FloatVector c20 = start(sum, c, cAt + 2 * cRow);
    FloatVector c21 = start(sum, c, cAt + 2 * cRow + Lanes.COUNT);
    FloatVector c30 = start(sum, c, cAt + 3 * cRow);
    FloatVector c31 = start(sum, c, cAt + 3 * cRow + Lanes.COUNT);
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(Lanes.F, b, bAt + p * bRow);
      FloatVector b1 = FloatVector.fromArray(Lanes.F, b, bAt + p * bRow + Lanes.COUNT);
      int at = aAt + p * aColumn;
      FloatVector a0 = FloatVector.broadcast(Lanes.F, a[at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(Lanes.F, a[at + aRow]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(Lanes.F, a[at + 2 * aRow]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(Lanes.F, a[at + 3 * aRow]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + Lanes.COUNT);
    c10.intoArray(c, cAt + cRow);
    c11.intoArray(c, cAt + cRow + Lanes.COUNT);
    c20.intoArray(c, cAt + 2 * cRow);
    c21.intoArray(c, cAt + 2 * cRow + Lanes.COUNT);
    c30.intoArray(c, cAt + 3 * cRow);
    c31.intoArray(c, cAt + 3 * cRow + Lanes.COUNT);
  }

  private static void oneByTwo(Sum sum, int k, float[] a, int aAt, int aColumn, float[] b, int bAt, int bRow, float[] c, int cAt) {
    FloatVector c00 = start(sum, c, cAt);
    FloatVector c01 = start(sum, c, cAt + Lanes.COUNT);
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(Lanes.F, b, bAt + p * bRow);
      FloatVector b1 = FloatVector.fromArray(Lanes.F, b, bAt + p * bRow + Lanes.COUNT);
      int at = aAt + p * aColumn;
      FloatVector a0 = FloatVector.broadcast(Lanes.F, a[at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + Lanes.COUNT);
  }

  private static void eightByOne(Sum sum, int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow, float[] c,
      int cAt, int cRow) {
    FloatVector c0 = start(sum, c, cAt);
    FloatVector c1 = start(sum, c, cAt + cRow);
    FloatVector c2 = start(sum, c, cAt + 2 * cRow);
    FloatVector c3 = start(sum, c, cAt + 3 * cRow);
    FloatVector c4 = start(sum, c, cAt + 4 * cRow);
    FloatVector c5 = start(sum, c, cAt + 5 * cRow);
    FloatVector c6 = start(sum, c, cAt + 6 * cRow);
    FloatVector c7 = start(sum, c, cAt + 7 * cRow);
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(Lanes.F, b, bAt + p * bRow);
      int at = aAt + p * aColumn;
      c0 = FloatVector.broadcast(Lanes.F, a[at]).fma(b0, c0);
      c1 = FloatVector.broadcast(Lanes.F, a[at + aRow]).fma(b0, c1);
      c2 = FloatVector.broadcast(Lanes.F, a[at + 2 * aRow]).fma(b0, c2);
      c3 = FloatVector.broadcast(Lanes.F, a[at + 3 * aRow]).fma(b0, c3);
      c4 = FloatVector.broadcast(Lanes.F, a[at + 4 * aRow]).fma(b0, c4);
      c5 = FloatVector.broadcast(Lanes.F, a[at + 5 * aRow]).fma(b0, c5);
      c6 = FloatVector.broadcast(Lanes.F, a[at + 6 * aRow]).fma(b0, c6);
      c7 = FloatVector.broadcast(Lanes.F, a[at + 7 * aRow]).fma(b0, c7);
    }
    c0.intoArray(c, cAt);
    c1.intoArray(c, cAt + cRow);
    c2.intoArray(c, cAt + 2 * cRow);
    c3.intoArray(c, cAt + 3 * cRow);
    c4.intoArray(c, cAt + 4 * cRow);
    c5.intoArray(c, cAt + 5 * cRow);
    c6.intoArray(c, cAt + 6 * cRow);
    c7.intoArray(c, cAt + 7 * cRow);
  }

  private static void fourByOne(Sum sum, int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow, float[] c,
      int cAt, int cRow) {
    FloatVector c0 = start(sum, c, cAt);
    FloatVector c1 = start(sum, c, cAt + cRow);
    FloatVector c2 = start(sum, c, cAt + 2 * cRow);
    FloatVector c3 = start(sum, c, cAt + 3 * cRow);
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(Lanes.F, b, bAt + p * bRow);
      int at = aAt + p * aColumn;
      c0 = FloatVector.broadcast(Lanes.F, a[at]).fma(b0, c0);
      c1 = FloatVector.broadcast(Lanes.F, a[at + aRow]).fma(b0, c1);
      c2 = FloatVector.broadcast(Lanes.F, a[at + 2 * aRow]).fma(b0, c2);
      c3 = FloatVector.broadcast(Lanes.F, a[at + 3 * aRow]).fma(b0, c3);
    }
    c0.intoArray(c, cAt);
    c1.intoArray(c, cAt + cRow);
    c2.intoArray(c, cAt + 2 * cRow);
    c3.intoArray(c, cAt + 3 * cRow);
  }

  private static void oneByOne(Sum sum, int k, float[] a, int aAt, int aColumn, float[] b, int bAt, int bRow, float[] c, int cAt) {
    FloatVector c0 = start(sum, c, cAt);
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(Lanes.F, b, bAt + p * bRow);
      int at = aAt + p * aColumn;
      c0 = FloatVector.broadcast(Lanes.F, a[at]).fma(b0, c0);
    }
    c0.intoArray(c, cAt);
  }
}
