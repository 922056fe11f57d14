package io.sparkformer.model.kernel.cpu.rows;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** {@code x Phi(x)}, Phi the normal distribution function. */
final class GeluRows {
  private static final float DENSITY_AT_0 = (float) (1 / Math.sqrt(2 * Math.PI));
  private static final FloatVector ALL_DENSITY_AT_0 = Lanes.all(DENSITY_AT_0);
  private static final FloatVector MINUS_HALF = Lanes.all(-0.5f);

  private GeluRows() {}

  /** {@code y = x Phi(x)}, given {@link #exponentials}. */
  static void value(ByteBuffer x, int at, float[] exponentials, ByteBuffer y, int yAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j);
      Lanes.store(value.mul(Lanes.normalDistribution(value, FloatVector.fromArray(Lanes.F, exponentials, j))), y, yAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j);
      Lanes.put(value * Lanes.normalDistribution(value, exponentials[j]), y, yAt + j);
    }
  }

  /**
   * {@code y = x Phi(x)}, {@code slope = Phi(x) + x phi(x)}; {@code slope} holds
   * {@link #exponentials}.
   */
  static void derivative(ByteBuffer x, int at, float[] y, float[] slope, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j);
      FloatVector exponential = FloatVector.fromArray(Lanes.F, slope, j);
      FloatVector phi = Lanes.normalDistribution(value, exponential);
      value.mul(phi).intoArray(y, j);
      exponential.mul(ALL_DENSITY_AT_0).fma(value, phi).intoArray(slope, j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j);
      float exponential = slope[j];
      float phi = Lanes.normalDistribution(value, exponential);
      y[j] = value * phi;
      slope[j] = Math.fma(exponential * DENSITY_AT_0, value, phi);
    }
  }

  /** {@code y = exp(-x^2 / 2)}. */
  static void exponentials(ByteBuffer x, int at, float[] y, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j);
      Lanes.exp(value.mul(value).mul(MINUS_HALF)).intoArray(y, j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j);
      y[j] = Lanes.exp(value * value * -0.5f);
    }
  }
}
