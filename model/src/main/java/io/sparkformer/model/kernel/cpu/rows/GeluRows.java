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

  /** {@code gradient *= Phi(x) + x phi(x)}. */
  static void backward(ByteBuffer gradient, int at, ByteBuffer x, int xAt, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector value = Lanes.load(x, xAt + j);
      FloatVector exponential = Lanes.exp(value.mul(value).mul(-0.5f));
      FloatVector phi = Lanes.normalDistribution(value, exponential);
      FloatVector slope = exponential.mul(DENSITY_AT_0).fma(value, phi);
      Lanes.store(Lanes.load(gradient, at + j).mul(slope), gradient, at + j);
    }
    for (int j = whole; j < columns; j++) {
      float value = Lanes.at(x, xAt + j);
      float exponential = Lanes.exp(value * value * -0.5f);
      float slope = Math.fma(exponential * DENSITY_AT_0, value, Lanes.normalDistribution(value, exponential));
      Lanes.put(Lanes.at(gradient, at + j) * slope, gradient, at + j);
    }
  }
}
