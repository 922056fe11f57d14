package io.sparkformer.model.kernel.cpu;

import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** Moves one head of some rows between packed rows in native memory and Java arrays, whose rows are padded with zeros to whole vectors. */
final class HeadRows {
  private HeadRows() {}

  /** {@code into [rows, padded(width)]}. */
  static void load(Matrix rows, float[] into) {
    int width = rows.columns();
    int padded = Lanes.padded(width);
    for (int i = 0; i < rows.rows(); i++) {
      load(rows.bytes(), rows.place(i, 0), width, into, i * padded);
      Arrays.fill(into, i * padded + width, (i + 1) * padded, 0);
    }
  }

  /** {@code into [width, stride]}, the transposed rows; columns from the number of rows on are set to zero. */
  static void loadTransposed(Matrix rows, float[] into, int stride) {
    for (int c = 0; c < rows.columns(); c++) {
      Arrays.fill(into, c * stride + rows.rows(), (c + 1) * stride, 0);
    }
    for (int i = 0; i < rows.rows(); i++) {
      int at = rows.place(i, 0);
      for (int c = 0; c < rows.columns(); c++) {
        into[c * stride + i] = Lanes.at(rows.bytes(), at + c);
      }
    }
  }

  /** The first columns of {@code from [rows, padded(width)]}. */
  static void store(float[] from, Matrix rows) {
    int width = rows.columns();
    int padded = Lanes.padded(width);
    for (int i = 0; i < rows.rows(); i++) {
      store(from, i * padded, rows.bytes(), rows.place(i, 0), width);
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
}
