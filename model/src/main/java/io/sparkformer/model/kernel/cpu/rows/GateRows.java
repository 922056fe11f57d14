package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.kernel.cpu.memory.Matrix;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** The products of a gated layer, element by element. */
final class GateRows {
  private GateRows() {}

  /** {@code up += bias}, {@code y *= up}: {@code up} and {@code y [rows, columns]}, {@code bias [1, columns]} or null. */
  static void forward(Matrix up, Matrix bias, Matrix y) {
    for (int i = 0; i < up.rows(); i++) {
      if (bias != null) {
        BiasRows.add(bias.bytes(), bias.offset(), up.bytes(), up.place(i, 0), up.columns());
      }
      multiply(y.bytes(), y.place(i, 0), up.bytes(), up.place(i, 0), up.columns());
    }
  }

  private static void multiply(ByteBuffer y, int yAt, ByteBuffer up, int at, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(y, yAt + j).mul(Lanes.load(up, at + j)), y, yAt + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Lanes.at(y, yAt + j) * Lanes.at(up, at + j), y, yAt + j);
    }
  }

  /**
   * Turns the gradient of a row {@code y up} into those of {@code x} and {@code up}: {@code ofX = gradient * up * slope} and
   * {@code gradient *= y}, where {@code y} and {@code slope} are the activation of {@code x} and its derivative.
   */
  static void backward(ByteBuffer gradient, int at, ByteBuffer up, int upAt, float[] y, float[] slope, ByteBuffer ofX, int ofXAt,
      int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(gradient, at + j);
      Lanes.store(value.mul(Lanes.load(up, upAt + j)).mul(FloatVector.fromArray(Lanes.F, slope, j)), ofX, ofXAt + j);
      Lanes.store(value.mul(FloatVector.fromArray(Lanes.F, y, j)), gradient, at + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(gradient, at + j);
      Lanes.put(value * Lanes.at(up, upAt + j) * slope[j], ofX, ofXAt + j);
      Lanes.put(value * y[j], gradient, at + j);
    }
  }

  /** {@code x *= factor}. */
  static void multiply(ByteBuffer x, int at, float[] factor, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(x, at + j).mul(FloatVector.fromArray(Lanes.F, factor, j)), x, at + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Lanes.at(x, at + j) * factor[j], x, at + j);
    }
  }
}
