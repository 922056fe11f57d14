package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;

/**
 * Some heads of some packed rows in native memory, on their way to and from Java arrays, where the columns of each head are padded with
 * zeros to whole vectors.
 *
 * @param rows {@code [time, heads * width]}
 * @param width columns of one head
 */
record HeadRows(Matrix rows, int width) {
  /** Where vectors begin that lie one after another. */
  private static final int[] VECTORS = IntStream.range(0, Lanes.COUNT).map(lane -> lane * Lanes.COUNT).toArray();

  /** {@code into [time, stride]}. */
  void load(float[] into, int stride) {
    int padded = Lanes.padded(width);
    for (int i = 0; i < rows.rows(); i++) {
      if (padded == width) {
        load(rows.bytes(), rows.place(i, 0), rows.columns(), into, i * stride);
        continue;
      }
      for (int column = 0, to = i * stride; column < rows.columns(); column += width, to += padded) {
        load(rows.bytes(), rows.place(i, column), width, into, to);
        Arrays.fill(into, to + width, to + padded, 0);
      }
    }
  }

  /** From {@code from [time, stride]}. */
  void store(float[] from, int stride) {
    int padded = Lanes.padded(width);
    for (int i = 0; i < rows.rows(); i++) {
      if (padded == width) {
        store(from, i * stride, rows.bytes(), rows.place(i, 0), rows.columns());
        continue;
      }
      for (int column = 0, source = i * stride; column < rows.columns(); column += width, source += padded) {
        store(from, source, rows.bytes(), rows.place(i, column), width);
      }
    }
  }

  /** Adds {@code from [time, stride]}. */
  void add(float[] from, int stride) {
    int padded = Lanes.padded(width);
    for (int i = 0; i < rows.rows(); i++) {
      for (int column = 0, source = i * stride; column < rows.columns(); column += width, source += padded) {
        add(from, source, rows.bytes(), rows.place(i, column), width);
      }
    }
  }

  /** Sets all to zero. */
  void clear() {
    for (int i = 0; i < rows.rows(); i++) {
      for (int j = 0; j < rows.columns(); j++) {
        Lanes.put(0, rows.bytes(), rows.place(i, j));
      }
    }
  }

  /**
   * For each of at most as many rows as a vector has lanes, the sum of the products of {@code a}'s and {@code b}'s elements; 0 for rows
   * that are not there. All sums are made side by side: one by one they would cost more than the products.
   *
   * @param products scratch memory, a vector for each lane
   */
  static void dots(Matrix a, Matrix b, float[] products, float[] sums, int at) {
    for (int i = 0; i < a.rows(); i++) {
      multiply(a.bytes(), a.place(i, 0), b.bytes(), b.place(i, 0), a.columns(), products, i * Lanes.COUNT);
    }
    Arrays.fill(products, a.rows() * Lanes.COUNT, products.length, 0);
    FloatVector sum = FloatVector.zero(Lanes.F);
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      sum = sum.add(FloatVector.fromArray(Lanes.F, products, lane, VECTORS, 0));
    }
    sum.intoArray(sums, at);
  }

  /** Products of two runs of native memory, as many sums of them as a vector has lanes. */
  private static void multiply(ByteBuffer a, int at, ByteBuffer b, int bAt, int length, float[] sums, int to) {
    int whole = Lanes.whole(length);
    FloatVector sum = FloatVector.zero(Lanes.F);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      sum = Lanes.load(a, at + j).fma(Lanes.load(b, bAt + j), sum);
    }
    sum.intoArray(sums, to);
    for (int j = whole; j < length; j++) {
      sums[to + j - whole] = Math.fma(Lanes.at(a, at + j), Lanes.at(b, bAt + j), sums[to + j - whole]);
    }
  }

  /** Multiplies {@code length} elements, a multiple of the number of lanes. */
  static void multiply(float[] x, int at, int length, float factor) {
    for (int j = 0; j < length; j += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.F, x, at + j).mul(factor).intoArray(x, at + j);
    }
  }

  /**
   * {@code into [width, padded(rows)]}, from a place on, the transposed of a head's {@code from [rows, width]}, which begins at a place of
   * its array.
   *
   * @param starts of the first rows, as many as a vector has lanes: multiples of the stride
   */
  static void transpose(float[] from, int at, int[] starts, int rows, int width, float[] into, int to) {
    int padded = Lanes.padded(rows);
    int whole = Lanes.whole(rows);
    int stride = starts[1];
    for (int c = 0; c < width; c++) {
      for (int i = 0; i < whole; i += Lanes.COUNT) {
        FloatVector.fromArray(Lanes.F, from, at + i * stride + c, starts, 0).intoArray(into, to + c * padded + i);
      }
      for (int i = whole; i < rows; i++) {
        into[to + c * padded + i] = from[at + i * stride + c];
      }
      Arrays.fill(into, to + c * padded + rows, to + (c + 1) * padded, 0);
    }
  }

  static void load(ByteBuffer bytes, int at, int length, float[] into, int to) {
    int whole = Lanes.whole(length);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.load(bytes, at + j).intoArray(into, to + j);
    }
    for (int j = whole; j < length; j++) {
      into[to + j] = Lanes.at(bytes, at + j);
    }
  }

  static void store(float[] from, int source, ByteBuffer bytes, int at, int length) {
    int whole = Lanes.whole(length);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(FloatVector.fromArray(Lanes.F, from, source + j), bytes, at + j);
    }
    for (int j = whole; j < length; j++) {
      Lanes.put(from[source + j], bytes, at + j);
    }
  }

  private static void add(float[] from, int source, ByteBuffer bytes, int at, int length) {
    int whole = Lanes.whole(length);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(bytes, at + j).add(FloatVector.fromArray(Lanes.F, from, source + j)), bytes, at + j);
    }
    for (int j = whole; j < length; j++) {
      Lanes.put(Lanes.at(bytes, at + j) + from[source + j], bytes, at + j);
    }
  }
}
