package io.sparkformer.model.kernel.cpu.rows;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** The hyperbolic tangent. */
final class TanhRows {
  private static final FloatVector TWO = Lanes.all(2);
  private static final FloatVector FOUR = Lanes.all(4);

  private TanhRows() {}

  /** {@code y = tanh(x)}, given {@link #exponentials}. */
  static void value(ByteBuffer x, int at, float[] exponentials, ByteBuffer y, int yAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j);
      Lanes.store(Sigmoid.tanh(value, FloatVector.fromArray(Lanes.F, exponentials, j)), y, yAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j);
      Lanes.put(Sigmoid.tanh(value, exponentials[j]), y, yAt + j);
    }
  }

  /** {@code y = tanh(x)}, {@code slope = 1 - tanh(x)^2}, which is {@code 4 sigmoid'(2x)}; {@code slope} holds {@link #exponentials}. */
  static void derivative(ByteBuffer x, int at, float[] y, float[] slope, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector exponential = FloatVector.fromArray(Lanes.F, slope, j);
      Sigmoid.tanh(Lanes.load(x, at + j), exponential).intoArray(y, j);
      Sigmoid.slope(exponential, Sigmoid.inverse(exponential)).mul(FOUR).intoArray(slope, j);
    }
    for (int j = whole; j < columns; j++) {
      float exponential = slope[j];
      y[j] = Sigmoid.tanh(Lanes.at(x, at + j), exponential);
      slope[j] = Sigmoid.slope(exponential, Sigmoid.inverse(exponential)) * 4f;
    }
  }

  /** {@code y = exp(-2 |x|)}. */
  static void exponentials(ByteBuffer x, int at, float[] y, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Sigmoid.exponential(Lanes.load(x, at + j).mul(TWO)).intoArray(y, j);
    }
    for (int j = whole; j < columns; j++) {
      y[j] = Sigmoid.exponential(Lanes.at(x, at + j) * 2f);
    }
  }
}
