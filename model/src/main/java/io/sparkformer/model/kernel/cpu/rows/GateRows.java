package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.kernel.cpu.memory.Matrix;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** The products of a gated layer, element by element. */
final class GateRows {
  private GateRows() {}

  /** {@code up += bias}, {@code y *= up}: {@code up} and {@code y [rows, columns]}, {@code bias [1, columns]}. */
  static void forward(Matrix up, Matrix bias, Matrix y) {
    for (int i = 0; i < up.rows(); i++) {
      forward(up.bytes(), up.place(i, 0), bias.bytes(), bias.offset(), y.bytes(), y.place(i, 0), up.columns());
    }
  }

  private static void forward(ByteBuffer up, int at, ByteBuffer bias, int biasAt, ByteBuffer y, int yAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(up, at + j).add(Lanes.load(bias, biasAt + j));
      Lanes.store(value, up, at + j);
      Lanes.store(Lanes.load(y, yAt + j).mul(value), y, yAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(up, at + j) + Lanes.at(bias, biasAt + j);
      Lanes.put(value, up, at + j);
      Lanes.put(Lanes.at(y, yAt + j) * value, y, yAt + j);
    }
  }

  /** {@code product = a * b}; {@code product} may be one of them. */
  static void multiply(Matrix a, Matrix b, Matrix product) {
    for (int i = 0; i < a.rows(); i++) {
      multiply(a.bytes(), a.place(i, 0), b.bytes(), b.place(i, 0), product.bytes(), product.place(i, 0), a.columns());
    }
  }

  private static void multiply(ByteBuffer a, int at, ByteBuffer b, int bAt, ByteBuffer product, int productAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(a, at + j).mul(Lanes.load(b, bAt + j)), product, productAt + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Lanes.at(a, at + j) * Lanes.at(b, bAt + j), product, productAt + j);
    }
  }
}
