package io.sparkformer.model.kernel.cpu;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Bias, activation and dropout in one pass over the inner rows of a feed-forward layer, and the same backward. */
final class ActivationRows {
  private static final float DENSITY_AT_0 = (float) (1 / Math.sqrt(2 * Math.PI));

  private ActivationRows() {}

  /** {@code x = dropout(max(0, x + bias))}, in place; {@code firstRow} is the place of row 0 of {@code x} among the rows of the masks. */
  static void relu(Matrix x, Matrix bias, Masks masks, int firstRow) {
    for (int i = 0; i < x.rows(); i++) {
      if (masks.applies()) {
        reluDropped(x.bytes(), x.place(i, 0), bias.bytes(), bias.offset(), x.columns(), masks.key(firstRow + i), masks.threshold(),
            masks.scale());
      } else {
        relu(x.bytes(), x.place(i, 0), bias.bytes(), bias.offset(), x.columns());
      }
    }
  }

  private static void relu(ByteBuffer x, int at, ByteBuffer bias, int biasAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(x, at + j).add(Lanes.load(bias, biasAt + j)).max(0f), x, at + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Math.max(Lanes.at(x, at + j) + Lanes.at(bias, biasAt + j), 0f), x, at + j);
    }
  }

  private static void reluDropped(ByteBuffer x, int at, ByteBuffer bias, int biasAt, int columns, int key, int threshold, float scale) {
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
  static void reluBackward(Matrix gradient, Matrix y, float scale) {
    for (int i = 0; i < y.rows(); i++) {
      reluBackward(gradient.bytes(), gradient.place(i, 0), y.bytes(), y.place(i, 0), y.columns(), scale);
    }
  }

  private static void reluBackward(ByteBuffer gradient, int at, ByteBuffer y, int yAt, int columns, float scale) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      VectorMask<Float> positive = Lanes.load(y, yAt + j).compare(VectorOperators.GT, 0f);
      Lanes.store(FloatVector.zero(Lanes.F).blend(Lanes.load(gradient, at + j).mul(scale), positive), gradient, at + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Lanes.at(y, yAt + j) > 0 ? Lanes.at(gradient, at + j) * scale : 0f, gradient, at + j);
    }
  }

  /** {@code x += bias}; {@code y = dropout(x * Phi(x))}. */
  static void gelu(Matrix x, Matrix bias, Masks masks, int firstRow, Matrix y) {
    for (int i = 0; i < x.rows(); i++) {
      gelu(x.bytes(), x.place(i, 0), bias.bytes(), bias.offset(), y.bytes(), y.place(i, 0), x.columns());
      if (masks.applies()) {
        DropoutRows.drop(y.bytes(), y.place(i, 0), y.bytes(), y.place(i, 0), y.columns(), masks.key(firstRow + i), masks.threshold(),
            masks.scale());
      }
    }
  }

  private static void gelu(ByteBuffer x, int at, ByteBuffer bias, int biasAt, ByteBuffer y, int yAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j).add(Lanes.load(bias, biasAt + j));
      Lanes.store(value, x, at + j);
      FloatVector exponential = Lanes.exp(value.mul(value).mul(-0.5f));
      Lanes.store(value.mul(Lanes.normalDistribution(value, exponential)), y, yAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j) + Lanes.at(bias, biasAt + j);
      Lanes.put(value, x, at + j);
      float exponential = Lanes.exp(value * value * -0.5f);
      Lanes.put(value * Lanes.normalDistribution(value, exponential), y, yAt + j);
    }
  }

  /** Turns the gradient of the output into that of the input {@code x} (bias included): {@code d/dx x Phi(x) = Phi(x) + x phi(x)}. */
  static void geluBackward(Matrix gradient, Matrix x, Masks masks, int firstRow) {
    for (int i = 0; i < x.rows(); i++) {
      if (masks.applies()) {
        DropoutRows.drop(gradient.bytes(), gradient.place(i, 0), gradient.bytes(), gradient.place(i, 0), gradient.columns(),
            masks.key(firstRow + i), masks.threshold(), masks.scale());
      }
      geluBackward(gradient.bytes(), gradient.place(i, 0), x.bytes(), x.place(i, 0), x.columns());
    }
  }

  private static void geluBackward(ByteBuffer gradient, int at, ByteBuffer x, int xAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, xAt + j);
      FloatVector exponential = Lanes.exp(value.mul(value).mul(-0.5f));
      FloatVector phi = Lanes.normalDistribution(value, exponential);
      FloatVector slope = exponential.mul(DENSITY_AT_0).fma(value, phi);
      Lanes.store(Lanes.load(gradient, at + j).mul(slope), gradient, at + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, xAt + j);
      float exponential = Lanes.exp(value * value * -0.5f);
      float slope = Math.fma(exponential * DENSITY_AT_0, value, Lanes.normalDistribution(value, exponential));
      Lanes.put(Lanes.at(gradient, at + j) * slope, gradient, at + j);
    }
  }
}
