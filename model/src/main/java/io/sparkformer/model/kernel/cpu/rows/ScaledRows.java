package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.kernel.cpu.memory.Matrix;
import java.nio.ByteBuffer;

/** Rows times a number, and sums of rows, from one matrix to another. */
public final class ScaledRows {
  private ScaledRows() {}

  /** Row {@code j} of {@code to} becomes {@code scale} times row {@code i} of {@code from}; the two may be the same. */
  public static void copy(Matrix from, int i, float scale, Matrix to, int j) {
    copy(from.bytes(), from.place(i, 0), scale, to.bytes(), to.place(j, 0), from.columns());
  }

  private static void copy(ByteBuffer from, int at, float scale, ByteBuffer to, int toAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(from, at + j).mul(scale), to, toAt + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Lanes.at(from, at + j) * scale, to, toAt + j);
    }
  }

  /** Sets row {@code i} to zero. */
  public static void clear(Matrix to, int i) {
    for (int j = 0; j < to.columns(); j++) {
      Lanes.put(0, to.bytes(), to.place(i, j));
    }
  }

  /** Adds row {@code i} of {@code from} to row {@code j} of {@code to}. */
  public static void add(Matrix from, int i, Matrix to, int j) {
    BiasRows.add(from.bytes(), from.place(i, 0), to.bytes(), to.place(j, 0), from.columns());
  }
}
