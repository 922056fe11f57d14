package io.sparkformer.model.kernel.cpu.rows;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** {@code x Phi(x)}, Phi the normal distribution function. */
final class GeluRows {
  private static final float DENSITY_AT_0 = (float) (1 / Math.sqrt(2 * Math.PI));

  private GeluRows() {}

  /** {@code x += bias}, {@code y = x Phi(x)}. */
  static void forward(ByteBuffer x, int at, ByteBuffer bias, int biasAt, ByteBuffer y, int yAt, int columns) {
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
      exponential.mul(DENSITY_AT_0).fma(value, phi).intoArray(slope, j);
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
      Lanes.exp(value.mul(value).mul(-0.5f)).intoArray(y, j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j);
      y[j] = Lanes.exp(value * value * -0.5f);
    }
  }
}
