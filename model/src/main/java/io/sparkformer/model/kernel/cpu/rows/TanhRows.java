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

  /** {@code gradient *= 1 - tanh(x)^2}, which is {@code 4 sigmoid'(2x)}. */
  static void backward(ByteBuffer gradient, int at, ByteBuffer x, int xAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector slope = Sigmoid.slope(Sigmoid.exponential(Lanes.load(x, xAt + j).mul(2f))).mul(4f);
      Lanes.store(Lanes.load(gradient, at + j).mul(slope), gradient, at + j);
    }
    for (int j = whole; j < columns; j++) {
      float slope = Sigmoid.slope(Sigmoid.exponential(Lanes.at(x, xAt + j) * 2f)) * 4f;
      Lanes.put(Lanes.at(gradient, at + j) * slope, gradient, at + j);
    }
  }
}
