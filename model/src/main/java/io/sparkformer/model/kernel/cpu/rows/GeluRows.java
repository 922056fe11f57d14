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

  /** {@code y = x Phi(x)}, {@code slope = Phi(x) + x phi(x)}. */
  static void derivative(ByteBuffer x, int at, ByteBuffer y, int yAt, ByteBuffer slope, int slopeAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, at + j);
      FloatVector exponential = Lanes.exp(value.mul(value).mul(-0.5f));
      FloatVector phi = Lanes.normalDistribution(value, exponential);
      Lanes.store(value.mul(phi), y, yAt + j);
      Lanes.store(exponential.mul(DENSITY_AT_0).fma(value, phi), slope, slopeAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, at + j);
      float exponential = Lanes.exp(value * value * -0.5f);
      float phi = Lanes.normalDistribution(value, exponential);
      Lanes.put(value * phi, y, yAt + j);
      Lanes.put(Math.fma(exponential * DENSITY_AT_0, value, phi), slope, slopeAt + j);
    }
  }
}
