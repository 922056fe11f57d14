package io.sparkformer.model.kernel.cpu.rows;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** {@code x sigmoid(x)}. */
final class SiluRows {
  private SiluRows() {}

  /** {@code y = x sigmoid(x)}, given {@link #exponentials}. */
  static void value(ByteBuffer x, int at, float[] exponentials, ByteBuffer y, int yAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j);
      FloatVector exponential = FloatVector.fromArray(Lanes.F, exponentials, j);
      Lanes.store(value.mul(Sigmoid.of(value, exponential, Sigmoid.inverse(exponential))), y, yAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j);
      Lanes.put(value * Sigmoid.of(value, exponentials[j], Sigmoid.inverse(exponentials[j])), y, yAt + j);
    }
  }

  /**
   * {@code y = x sigmoid(x)}, {@code slope = sigmoid(x) + x sigmoid'(x)}; {@code slope} holds
   * {@link #exponentials}.
   */
  static void derivative(ByteBuffer x, int at, float[] y, float[] slope, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j);
      FloatVector exponential = FloatVector.fromArray(Lanes.F, slope, j);
      FloatVector inverse = Sigmoid.inverse(exponential);
      FloatVector sigmoid = Sigmoid.of(value, exponential, inverse);
      value.mul(sigmoid).intoArray(y, j);
      Sigmoid.slope(exponential, inverse).fma(value, sigmoid).intoArray(slope, j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j);
      float exponential = slope[j];
      float inverse = Sigmoid.inverse(exponential);
      float sigmoid = Sigmoid.of(value, exponential, inverse);
      y[j] = value * sigmoid;
      slope[j] = Math.fma(Sigmoid.slope(exponential, inverse), value, sigmoid);
    }
  }

  /** {@code y = exp(-|x|)}. */
  static void exponentials(ByteBuffer x, int at, float[] y, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Sigmoid.exponential(Lanes.load(x, at + j)).intoArray(y, j);
    }
    for (int j = whole; j < columns; j++) {
      y[j] = Sigmoid.exponential(Lanes.at(x, at + j));
    }
  }
}
