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
      Lanes.store(value.mul(Sigmoid.of(value, Sigmoid.exponential(value))), y, yAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j) + Lanes.at(bias, biasAt + j);
      Lanes.put(value, x, at + j);
      Lanes.put(value * Sigmoid.of(value, Sigmoid.exponential(value)), y, yAt + j);
    }
  }

  /** {@code gradient *= sigmoid(x) + x sigmoid'(x)}. */
  static void backward(ByteBuffer gradient, int at, ByteBuffer x, int xAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, xAt + j);
      FloatVector exponential = Sigmoid.exponential(value);
      FloatVector slope = Sigmoid.slope(exponential).fma(value, Sigmoid.of(value, exponential));
      Lanes.store(Lanes.load(gradient, at + j).mul(slope), gradient, at + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, xAt + j);
      float exponential = Sigmoid.exponential(value);
      float slope = Math.fma(Sigmoid.slope(exponential), value, Sigmoid.of(value, exponential));
      Lanes.put(Lanes.at(gradient, at + j) * slope, gradient, at + j);
    }
  }
}
