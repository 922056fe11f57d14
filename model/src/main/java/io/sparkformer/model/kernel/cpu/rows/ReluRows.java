package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.kernel.cpu.memory.Matrix;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** {@code max(0, x)}, which can work in place: what it gives says what its backward pass needs. */
final class ReluRows {
  private ReluRows() {}

  /** {@code y = max(0, x)}; there are no exponentials. */
  static void value(ByteBuffer x, int at, float[] exponentials, ByteBuffer y, int yAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(x, at + j).max(0f), y, yAt + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Math.max(Lanes.at(x, at + j), 0f), y, yAt + j);
    }
  }

  /** {@code x = dropout(max(0, x + bias))}, in place; {@code firstRow} is the place of row 0 of {@code x} among the rows of the masks. */
  static void inPlace(Matrix x, Matrix bias, Masks masks, int firstRow) {
    for (int i = 0; i < x.rows(); i++) {
      if (masks.applies()) {
        dropped(x.bytes(), x.place(i, 0), bias.bytes(), bias.offset(), x.columns(), masks.key(firstRow + i), masks.threshold(),
            masks.scale());
      } else {
        inPlace(x.bytes(), x.place(i, 0), bias.bytes(), bias.offset(), x.columns());
      }
    }
  }

  private static void inPlace(ByteBuffer x, int at, ByteBuffer bias, int biasAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(x, at + j).add(Lanes.load(bias, biasAt + j)).max(0f), x, at + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Math.max(Lanes.at(x, at + j) + Lanes.at(bias, biasAt + j), 0f), x, at + j);
    }
  }

  private static void dropped(ByteBuffer x, int at, ByteBuffer bias, int biasAt, int columns, int key, int threshold, float scale) {
    int whole = Lanes.whole(columns);
    int scaleBits = Float.floatToRawIntBits(scale);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j).add(Lanes.load(bias, biasAt + j)).max(0f);
      Lanes.store(value.mul(Lanes.dropout(key, j, threshold, scaleBits)), x, at + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Math.max(Lanes.at(x, at + j) + Lanes.at(bias, biasAt + j), 0f);
      Lanes.put(value * Lanes.dropout(key, j, threshold, scale), x, at + j);
    }
  }

  /** Turns the gradient of the output into that of the input; what is positive in {@code y} passed the ReLU and was not dropped. */
  static void backward(Matrix gradient, Matrix y, float scale) {
    for (int i = 0; i < y.rows(); i++) {
      backward(gradient.bytes(), gradient.place(i, 0), y.bytes(), y.place(i, 0), y.columns(), scale);
    }
  }

  /** {@code y = max(0, x)}, {@code slope} is 1 where {@code x} is positive, else 0. */
  static void derivative(ByteBuffer x, int at, float[] y, float[] slope, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j);
      value.max(0f).intoArray(y, j);
      FloatVector.zero(Lanes.F).blend(1f, value.compare(VectorOperators.GT, 0f)).intoArray(slope, j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j);
      y[j] = Math.max(value, 0f);
      slope[j] = value > 0 ? 1f : 0f;
    }
  }

  private static void backward(ByteBuffer gradient, int at, ByteBuffer y, int yAt, int columns, float scale) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      VectorMask<Float> positive = Lanes.load(y, yAt + j).compare(VectorOperators.GT, 0f);
      Lanes.store(FloatVector.zero(Lanes.F).blend(Lanes.load(gradient, at + j).mul(scale), positive), gradient, at + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Lanes.at(y, yAt + j) > 0 ? Lanes.at(gradient, at + j) * scale : 0f, gradient, at + j);
    }
  }
}
