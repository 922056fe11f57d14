package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.kernel.cpu.memory.Matrix;
import java.nio.ByteBuffer;

/** Passes over one row that drop out, and the residual sum. */
public final class DropoutRows {
  private DropoutRows() {}

  /** {@code y = dropout(x)}; {@code x} and {@code y} may be the same memory. */
  static void drop(ByteBuffer x, int at, ByteBuffer y, int yAt, int columns, int key, int threshold, float scale) {
    int whole = Lanes.whole(columns);
    int scaleBits = Float.floatToRawIntBits(scale);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(x, at + j).mul(Lanes.dropout(key, j, threshold, scaleBits)), y, yAt + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Lanes.at(x, at + j) * Lanes.dropout(key, j, threshold, scale), y, yAt + j);
    }
  }

  /** Row {@code i} of {@code sum = residual + dropout(x)}; {@code maskRow} is that row's place among the rows of the masks. */
  public static void addRow(Matrix x, Matrix residual, int i, Masks masks, int maskRow, Matrix sum) {
    if (masks.applies()) {
      addDropped(x.bytes(), x.place(i, 0), residual.bytes(), residual.place(i, 0), sum.bytes(), sum.place(i, 0), x.columns(),
          masks.key(maskRow), masks.threshold(), masks.scale());
    } else {
      add(x.bytes(), x.place(i, 0), residual.bytes(), residual.place(i, 0), sum.bytes(), sum.place(i, 0), x.columns());
    }
  }

  private static void add(ByteBuffer x, int at, ByteBuffer residual, int residualAt, ByteBuffer sum, int sumAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(x, at + j).add(Lanes.load(residual, residualAt + j)), sum, sumAt + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Lanes.at(x, at + j) + Lanes.at(residual, residualAt + j), sum, sumAt + j);
    }
  }

  private static void addDropped(ByteBuffer x, int at, ByteBuffer residual, int residualAt, ByteBuffer sum, int sumAt, int columns,
      int key, int threshold, float scale) {
    int whole = Lanes.whole(columns);
    int scaleBits = Float.floatToRawIntBits(scale);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(x, at + j).fma(Lanes.dropout(key, j, threshold, scaleBits), Lanes.load(residual, residualAt + j)),
          sum, sumAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Math.fma(Lanes.at(x, at + j), Lanes.dropout(key, j, threshold, scale), Lanes.at(residual, residualAt + j));
      Lanes.put(value, sum, sumAt + j);
    }
  }

  /** Row {@code i} of {@code y = dropout(x)}. */
  public static void dropRow(Matrix x, Matrix y, int i, Masks masks) {
    dropRow(x, y, i, i, masks);
  }

  /** Row {@code i} of {@code y = dropout(x)}, whose mask is that of row {@code place}. */
  public static void dropRow(Matrix x, Matrix y, int i, int place, Masks masks) {
    if (masks.applies()) {
      drop(x.bytes(), x.place(i, 0), y.bytes(), y.place(i, 0), x.columns(), masks.key(place), masks.threshold(), masks.scale());
    } else {
      copyRow(x, y, i);
    }
  }

  /** Drops out all rows in place, the first of which is row {@code firstRow} of the masks. */
  static void drop(Matrix x, Masks masks, int firstRow) {
    for (int i = 0; i < x.rows(); i++) {
      drop(x.bytes(), x.place(i, 0), x.bytes(), x.place(i, 0), x.columns(), masks.key(firstRow + i), masks.threshold(), masks.scale());
    }
  }

  /** Row {@code i} of {@code to} becomes row {@code i} of {@code from}. */
  public static void copyRow(Matrix from, Matrix to, int i) {
    to.bytes().put(to.place(i, 0) * Float.BYTES, from.bytes(), from.place(i, 0) * Float.BYTES, from.columns() * Float.BYTES);
  }
}
