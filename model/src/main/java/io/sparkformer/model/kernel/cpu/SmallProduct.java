package io.sparkformer.model.kernel.cpu;

import jdk.incubator.vector.FloatVector;

/**
 * {@code C = A B} for matrices the size of one attention head, in Java arrays: there the call of a library would cost more than the
 * product. An element is the sum of its products in the order of {@code k}, whatever the size of the matrices: a row of C depends on
 * nothing but its row of A.
 */
final class SmallProduct {
  private SmallProduct() {}

  /**
   * @param n columns of B and C: a multiple of the number of lanes
   * @param a A's element {@code [i, p]} is {@code a[aAt + i * aRow + p * aColumn]}, so that A may be transposed
   * @param b B's row {@code p} begins at {@code bAt + p * bRow}
   * @param c C's row {@code i} begins at {@code cAt + i * cRow}
   */
  static void multiply(int m, int n, int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow, float[] c, int cAt,
      int cRow) {
    int pairs = n - n % (2 * Lanes.COUNT);
    int eights = m - m % 8;
    int quads = m - m % 4;
    for (int j = 0; j < pairs; j += 2 * Lanes.COUNT) {
      for (int i = 0; i < eights; i += 8) {
        eightByTwo(k, a, aAt + i * aRow, aRow, aColumn, b, bAt + j, bRow, c, cAt + i * cRow + j, cRow);
      }
      for (int i = eights; i < quads; i += 4) {
        fourByTwo(k, a, aAt + i * aRow, aRow, aColumn, b, bAt + j, bRow, c, cAt + i * cRow + j, cRow);
      }
      for (int i = quads; i < m; i++) {
        oneByTwo(k, a, aAt + i * aRow, aColumn, b, bAt + j, bRow, c, cAt + i * cRow + j);
      }
    }
    if (pairs < n) {
      for (int i = 0; i < quads; i += 4) {
        fourByOne(k, a, aAt + i * aRow, aRow, aColumn, b, bAt + pairs, bRow, c, cAt + i * cRow + pairs, cRow);
      }
      for (int i = quads; i < m; i++) {
        oneByOne(k, a, aAt + i * aRow, aColumn, b, bAt + pairs, bRow, c, cAt + i * cRow + pairs);
      }
    }
  }

  private static void eightByTwo(int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow, float[] c, int cAt,
      int cRow) {
    FloatVector c00 = FloatVector.zero(Lanes.F);
    FloatVector c01 = c00;
    FloatVector c10 = c00;
    FloatVector c11 = c00;
    FloatVector c20 = c00;
    FloatVector c21 = c00;
    FloatVector c30 = c00;
    FloatVector c31 = c00;
    FloatVector c40 = c00;
    FloatVector c41 = c00;
    FloatVector c50 = c00;
    FloatVector c51 = c00;
    FloatVector c60 = c00;
    FloatVector c61 = c00;
    FloatVector c70 = c00;
    FloatVector c71 = c00;
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

  private static void fourByTwo(int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow, float[] c, int cAt,
      int cRow) {
    FloatVector c00 = FloatVector.zero(Lanes.F);
    FloatVector c01 = c00;
    FloatVector c10 = c00;
    FloatVector c11 = c00;
    FloatVector c20 = c00;
    FloatVector c21 = c00;
    FloatVector c30 = c00;
    FloatVector c31 = c00;
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

  private static void oneByTwo(int k, float[] a, int aAt, int aColumn, float[] b, int bAt, int bRow, float[] c, int cAt) {
    FloatVector c0 = FloatVector.zero(Lanes.F);
    FloatVector c1 = c0;
    for (int p = 0; p < k; p++) {
      FloatVector a0 = FloatVector.broadcast(Lanes.F, a[aAt + p * aColumn]);
      c0 = a0.fma(FloatVector.fromArray(Lanes.F, b, bAt + p * bRow), c0);
      c1 = a0.fma(FloatVector.fromArray(Lanes.F, b, bAt + p * bRow + Lanes.COUNT), c1);
    }
    c0.intoArray(c, cAt);
    c1.intoArray(c, cAt + Lanes.COUNT);
  }

  private static void fourByOne(int k, float[] a, int aAt, int aRow, int aColumn, float[] b, int bAt, int bRow, float[] c, int cAt,
      int cRow) {
    FloatVector c0 = FloatVector.zero(Lanes.F);
    FloatVector c1 = c0;
    FloatVector c2 = c0;
    FloatVector c3 = c0;
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

  private static void oneByOne(int k, float[] a, int aAt, int aColumn, float[] b, int bAt, int bRow, float[] c, int cAt) {
    FloatVector c0 = FloatVector.zero(Lanes.F);
    for (int p = 0; p < k; p++) {
      c0 = FloatVector.broadcast(Lanes.F, a[aAt + p * aColumn]).fma(FloatVector.fromArray(Lanes.F, b, bAt + p * bRow), c0);
    }
    c0.intoArray(c, cAt);
  }
}
