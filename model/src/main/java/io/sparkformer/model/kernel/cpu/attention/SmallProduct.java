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

  /** Columns of the widest block: each number of A that is spread over a vector is then used four times. */
  private static final int WIDE = 4 * Lanes.COUNT;

  private SmallProduct() {}

  /** {@code C = A B}. */
  static void multiply(int m, int n, int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow, float[] c, int cAt,
      int cRow) {
    multiply(Band.ALL, Sum.NEW, m, n, k, a, aAt, aRow, aColumn, b, bAt, bRow, c, cAt, cRow);
  }

  /** {@code C = A B} in the columns that the band's blocks of rows see; others stay, or become what they are in the whole product. */
  static void multiplyVisible(Band band, int m, int n, int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow,
      float[] c, int cAt, int cRow) {
    for (int j = 0; j < n; j += WIDE) {
      int columns = Math.min(WIDE, n - j);
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
    for (int j = 0; j < n; j += WIDE) {
      for (int i = 0; i < m; i += Band.ROWS) {
        int from = band.from(i);
        block(sum, Math.min(Band.ROWS, m - i), Math.min(WIDE, n - j), band.to(i, k) - from, a, aAt + i * aRow + from * aColumn, aRow,
            aColumn, b, bAt + j + from * bRow, bRow, c, cAt + i * cRow + j, cRow);
      }
    }
  }

  /** At most {@link Band#ROWS} rows and {@link #WIDE} columns: as many columns at a time as there are, then as many rows. */
  private static void block(Sum sum, int m, int n, int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow,
      float[] c, int cAt, int cRow) {
    int done = 0;
    if (n == WIDE) {
      for (; done + 4 <= m; done += 4) {
        fourByFour(sum, k, a, aAt + done * aRow, aRow, aColumn, b, bAt, bRow, c, cAt + done * cRow, cRow);
      }
    }
    for (int j = 0; done < m && j < n; j += 2 * Lanes.COUNT) {
      if (n - j > Lanes.COUNT) {
        twoVectors(sum, m - done, k, a, aAt + done * aRow, aRow, aColumn, b, bAt + j, bRow, c, cAt + done * cRow + j, cRow);
      } else {
        oneVector(sum, m - done, k, a, aAt + done * aRow, aRow, aColumn, b, bAt + j, bRow, c, cAt + done * cRow + j, cRow);
      }
    }
  }

  private static void twoVectors(Sum sum, int m, int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow, float[] c,
      int cAt, int cRow) {
    int done = 0;
    for (; done + 4 <= m; done += 4) {
      fourByTwo(sum, k, a, aAt + done * aRow, aRow, aColumn, b, bAt, bRow, c, cAt + done * cRow, cRow);
    }
    for (; done < m; done++) {
      oneByTwo(sum, k, a, aAt + done * aRow, aColumn, b, bAt, bRow, c, cAt + done * cRow);
    }
  }

  private static void oneVector(Sum sum, int m, int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow, float[] c,
      int cAt, int cRow) {
    int done = 0;
    if (m == Band.ROWS) {
      eightByOne(sum, k, a, aAt, aRow, aColumn, b, bAt, bRow, c, cAt, cRow);
      done = m;
    } else if (m >= 4) {
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

  private static void fourByFour(Sum sum, int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow, float[] c,
      int cAt, int cRow) {
    FloatVector c00 = start(sum, c, cAt);
    FloatVector c01 = start(sum, c, cAt + Lanes.COUNT);
    FloatVector c02 = start(sum, c, cAt + 2 * Lanes.COUNT);
    FloatVector c03 = start(sum, c, cAt + 3 * Lanes.COUNT);
    FloatVector c10 = start(sum, c, cAt + cRow);
    FloatVector c11 = start(sum, c, cAt + cRow + Lanes.COUNT);
    FloatVector c12 = start(sum, c, cAt + cRow + 2 * Lanes.COUNT);
    FloatVector c13 = start(sum, c, cAt + cRow + 3 * Lanes.COUNT);
    FloatVector c20 = start(sum, c, cAt + 2 * cRow);
    FloatVector c21 = start(sum, c, cAt + 2 * cRow + Lanes.COUNT);
    FloatVector c22 = start(sum, c, cAt + 2 * cRow + 2 * Lanes.COUNT);
    FloatVector c23 = start(sum, c, cAt + 2 * cRow + 3 * Lanes.COUNT);
    FloatVector c30 = start(sum, c, cAt + 3 * cRow);
    FloatVector c31 = start(sum, c, cAt + 3 * cRow + Lanes.COUNT);
    FloatVector c32 = start(sum, c, cAt + 3 * cRow + 2 * Lanes.COUNT);
    FloatVector c33 = start(sum, c, cAt + 3 * cRow + 3 * Lanes.COUNT);
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(Lanes.F, b, bAt + p * bRow);
      FloatVector b1 = FloatVector.fromArray(Lanes.F, b, bAt + p * bRow + Lanes.COUNT);
      FloatVector b2 = FloatVector.fromArray(Lanes.F, b, bAt + p * bRow + 2 * Lanes.COUNT);
      FloatVector b3 = FloatVector.fromArray(Lanes.F, b, bAt + p * bRow + 3 * Lanes.COUNT);
      int at = aAt + p * aColumn;
      FloatVector a0 = FloatVector.broadcast(Lanes.F, a[at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      FloatVector a1 = FloatVector.broadcast(Lanes.F, a[at + aRow]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
      FloatVector a2 = FloatVector.broadcast(Lanes.F, a[at + 2 * aRow]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      c23 = a2.fma(b3, c23);
      FloatVector a3 = FloatVector.broadcast(Lanes.F, a[at + 3 * aRow]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      c33 = a3.fma(b3, c33);
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + Lanes.COUNT);
    c02.intoArray(c, cAt + 2 * Lanes.COUNT);
    c03.intoArray(c, cAt + 3 * Lanes.COUNT);
    c10.intoArray(c, cAt + cRow);
    c11.intoArray(c, cAt + cRow + Lanes.COUNT);
    c12.intoArray(c, cAt + cRow + 2 * Lanes.COUNT);
    c13.intoArray(c, cAt + cRow + 3 * Lanes.COUNT);
    c20.intoArray(c, cAt + 2 * cRow);
    c21.intoArray(c, cAt + 2 * cRow + Lanes.COUNT);
    c22.intoArray(c, cAt + 2 * cRow + 2 * Lanes.COUNT);
    c23.intoArray(c, cAt + 2 * cRow + 3 * Lanes.COUNT);
    c30.intoArray(c, cAt + 3 * cRow);
    c31.intoArray(c, cAt + 3 * cRow + Lanes.COUNT);
    c32.intoArray(c, cAt + 3 * cRow + 2 * Lanes.COUNT);
    c33.intoArray(c, cAt + 3 * cRow + 3 * Lanes.COUNT);
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
