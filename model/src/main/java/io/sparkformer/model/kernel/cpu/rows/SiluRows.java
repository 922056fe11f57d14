package io.sparkformer.model.kernel.cpu.rows;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** {@code x sigmoid(x)}. */
final class SiluRows {
  private SiluRows() {}

  /** {@code x += bias}, {@code y = x sigmoid(x)}. */
  static void forward(ByteBuffer x, int at, ByteBuffer bias, int biasAt, ByteBuffer y, int yAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j).add(Lanes.load(bias, biasAt + j));
      Lanes.store(value, x, at + j);
      FloatVector exponential = Sigmoid.exponential(value);
      Lanes.store(value.mul(Sigmoid.of(value, exponential, Sigmoid.inverse(exponential))), y, yAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j) + Lanes.at(bias, biasAt + j);
      Lanes.put(value, x, at + j);
      float exponential = Sigmoid.exponential(value);
      Lanes.put(value * Sigmoid.of(value, exponential, Sigmoid.inverse(exponential)), y, yAt + j);
    }
  }

  /** {@code y = x sigmoid(x)}, {@code slope = sigmoid(x) + x sigmoid'(x)}. */
  static void derivative(ByteBuffer x, int at, ByteBuffer y, int yAt, ByteBuffer slope, int slopeAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j);
      FloatVector exponential = Sigmoid.exponential(value);
      FloatVector inverse = Sigmoid.inverse(exponential);
      FloatVector sigmoid = Sigmoid.of(value, exponential, inverse);
      Lanes.store(value.mul(sigmoid), y, yAt + j);
      Lanes.store(Sigmoid.slope(exponential, inverse).fma(value, sigmoid), slope, slopeAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j);
      float exponential = Sigmoid.exponential(value);
      float inverse = Sigmoid.inverse(exponential);
      float sigmoid = Sigmoid.of(value, exponential, inverse);
      Lanes.put(value * sigmoid, y, yAt + j);
      Lanes.put(Math.fma(Sigmoid.slope(exponential, inverse), value, sigmoid), slope, slopeAt + j);
    }
  }
}
