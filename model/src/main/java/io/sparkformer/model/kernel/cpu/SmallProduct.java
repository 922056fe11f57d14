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
   * @param a A's element {@code [i, p]} is {@code a[i * aRow + p * aColumn]}, so that A may be transposed
   * @param b B's row {@code p} begins at {@code p * bRow}
   * @param c C's row {@code i} begins at {@code i * cRow}
   */
  static void multiply(int m, int n, int k, float[] a, int aRow, int aColumn, float[] b, int bRow, float[] c, int cRow) {
    int pairs = n - n % (2 * Lanes.COUNT);
    int quads = m - m % 4;
    for (int j = 0; j < pairs; j += 2 * Lanes.COUNT) {
      for (int i = 0; i < quads; i += 4) {
        fourByTwo(k, a, i * aRow, aRow, aColumn, b, j, bRow, c, i * cRow + j, cRow);
      }
      for (int i = quads; i < m; i++) {
        oneByTwo(k, a, i * aRow, aColumn, b, j, bRow, c, i * cRow + j);
      }
    }
    if (pairs < n) {
      for (int i = 0; i < quads; i += 4) {
        fourByOne(k, a, i * aRow, aRow, aColumn, b, pairs, bRow, c, i * cRow + pairs, cRow);
      }
      for (int i = quads; i < m; i++) {
        oneByOne(k, a, i * aRow, aColumn, b, pairs, bRow, c, i * cRow + pairs);
      }
    }
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
