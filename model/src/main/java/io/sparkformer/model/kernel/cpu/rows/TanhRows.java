package io.sparkformer.model.kernel.cpu.rows;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** The hyperbolic tangent. */
final class TanhRows {
  private TanhRows() {}

  /** {@code x += bias}, {@code y = tanh(x)}. */
  static void forward(ByteBuffer x, int at, ByteBuffer bias, int biasAt, ByteBuffer y, int yAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j).add(Lanes.load(bias, biasAt + j));
      Lanes.store(value, x, at + j);
      Lanes.store(Sigmoid.tanh(value), y, yAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j) + Lanes.at(bias, biasAt + j);
      Lanes.put(value, x, at + j);
      Lanes.put(Sigmoid.tanh(value), y, yAt + j);
    }
  }

  /** {@code y = tanh(x)}, {@code slope = 1 - tanh(x)^2}, which is {@code 4 sigmoid'(2x)}. */
  static void derivative(ByteBuffer x, int at, ByteBuffer y, int yAt, ByteBuffer slope, int slopeAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j);
      Lanes.store(Sigmoid.tanh(value), y, yAt + j);
      FloatVector exponential = Sigmoid.exponential(value.mul(2f));
      Lanes.store(Sigmoid.slope(exponential, Sigmoid.inverse(exponential)).mul(4f), slope, slopeAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j);
      Lanes.put(Sigmoid.tanh(value), y, yAt + j);
      float exponential = Sigmoid.exponential(value * 2f);
      Lanes.put(Sigmoid.slope(exponential, Sigmoid.inverse(exponential)) * 4f, slope, slopeAt + j);
    }
  }
}
