package io.sparkformer.model.kernel.cpu.rows;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/**
 * {@code 0.5 x (1 + tanh(u / 2))} with {@code u = 2 sqrt(2 / pi) (x + 0.044715 x^3)}, which is {@code x sigmoid(u)}: in that form nothing
 * cancels.
 */
final class TanhGeluRows {
  private static final float LINEAR = (float) (2 * Math.sqrt(2 / Math.PI));
  private static final float CUBIC = (float) (2 * Math.sqrt(2 / Math.PI) * 0.044715);
  private static final FloatVector ALL_LINEAR = Lanes.all(LINEAR);
  private static final FloatVector ALL_CUBIC = Lanes.all(CUBIC);
  private static final FloatVector ALL_3_CUBIC = Lanes.all(3 * CUBIC);

  private TanhGeluRows() {}

  /** {@code y = x sigmoid(u)}, given {@link #exponentials}; {@code u} has the sign of {@code x}. */
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
   * {@code y = x sigmoid(u)}, {@code slope = sigmoid(u) + x u' sigmoid'(u)}, where {@code x u' = LINEAR x + 3 CUBIC x^3}; {@code slope}
   * holds {@link #exponentials}.
   */
  static void derivative(ByteBuffer x, int at, float[] y, float[] slope, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j);
      FloatVector square = value.mul(value);
      FloatVector factor = square.fma(ALL_3_CUBIC, ALL_LINEAR).mul(value);
      FloatVector exponential = FloatVector.fromArray(Lanes.F, slope, j);
      FloatVector inverse = Sigmoid.inverse(exponential);
      FloatVector sigmoid = Sigmoid.of(value, exponential, inverse);
      value.mul(sigmoid).intoArray(y, j);
      Sigmoid.slope(exponential, inverse).fma(factor, sigmoid).intoArray(slope, j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j);
      float factor = Math.fma(value * value, 3 * CUBIC, LINEAR) * value;
      float exponential = slope[j];
      float inverse = Sigmoid.inverse(exponential);
      float sigmoid = Sigmoid.of(value, exponential, inverse);
      y[j] = value * sigmoid;
      slope[j] = Math.fma(Sigmoid.slope(exponential, inverse), factor, sigmoid);
    }
  }

  /** {@code y = exp(-|u|)}. */
  static void exponentials(ByteBuffer x, int at, float[] y, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j);
      FloatVector u = value.mul(value).fma(ALL_CUBIC, ALL_LINEAR).mul(value);
      Sigmoid.exponential(u).intoArray(y, j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j);
      y[j] = Sigmoid.exponential(Math.fma(value * value, CUBIC, LINEAR) * value);
    }
  }
}
