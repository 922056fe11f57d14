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

  /** {@code y = tanh(x)}, {@code slope = 1 - tanh(x)^2}, which is {@code 4 sigmoid'(2x)}; {@code slope} holds {@link #exponentials}. */
  static void derivative(ByteBuffer x, int at, float[] y, float[] slope, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Sigmoid.tanh(Lanes.load(x, at + j)).intoArray(y, j);
      FloatVector exponential = FloatVector.fromArray(Lanes.F, slope, j);
      Sigmoid.slope(exponential, Sigmoid.inverse(exponential)).mul(4f).intoArray(slope, j);
    }
    for (int j = whole; j < columns; j++) {
      y[j] = Sigmoid.tanh(Lanes.at(x, at + j));
      float exponential = slope[j];
      slope[j] = Sigmoid.slope(exponential, Sigmoid.inverse(exponential)) * 4f;
    }
  }

  /** {@code y = exp(-2 |x|)}. */
  static void exponentials(ByteBuffer x, int at, float[] y, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Sigmoid.exponential(Lanes.load(x, at + j).mul(2f)).intoArray(y, j);
    }
    for (int j = whole; j < columns; j++) {
      y[j] = Sigmoid.exponential(Lanes.at(x, at + j) * 2f);
    }
  }
}
