package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** Norms of single rows, forward and backward; a row stays in the core's first cache from one pass to the next. */
final class NormRows {
  private NormRows() {}

  /**
   * {@code normalized = (x - mean) / deviation}, {@code y = normalized * gain + bias}; the mean of an RMS norm is 0. All of {@code x},
   * {@code normalized} and {@code y} may be the same.
   *
   * @return {@code 1 / sqrt(variance + epsilon)}
   */
  static float forward(NormConfig.Kind kind, Matrix x, int i, Matrix gain, Matrix bias, float epsilon, Matrix normalized, Matrix y,
      float[] lanes) {
    int columns = x.columns();
    int at = x.place(i, 0);
    float mean = kind == NormConfig.Kind.RMS ? 0 : sum(x.bytes(), at, columns, lanes) / columns;
    float variance = squares(x.bytes(), at, columns, mean, lanes) / columns;
    float inverse = (float) (1 / Math.sqrt((double) variance + epsilon));
    scale(x.bytes(), at, columns, mean, inverse, gain, bias, normalized.bytes(), normalized.place(i, 0), y.bytes(), y.place(i, 0));
    return inverse;
  }

  private static float sum(ByteBuffer x, int at, int columns, float[] lanes) {
    int whole = Lanes.whole(columns);
    FloatVector sums = FloatVector.zero(Lanes.F);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      sums = sums.add(Lanes.load(x, at + j));
    }
    float sum = Lanes.sum(sums, lanes);
    for (int j = whole; j < columns; j++) {
      sum += Lanes.at(x, at + j);
    }
    return sum;
  }

  private static float squares(ByteBuffer x, int at, int columns, float mean, float[] lanes) {
    int whole = Lanes.whole(columns);
    FloatVector sums = FloatVector.zero(Lanes.F);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector centred = Lanes.load(x, at + j).sub(mean);
      sums = centred.fma(centred, sums);
    }
    float sum = Lanes.sum(sums, lanes);
    for (int j = whole; j < columns; j++) {
      float centred = Lanes.at(x, at + j) - mean;
      sum = Math.fma(centred, centred, sum);
    }
    return sum;
  }

  private static void scale(ByteBuffer x, int at, int columns, float mean, float inverse, Matrix gain, Matrix bias, ByteBuffer normalized,
      int normalizedAt, ByteBuffer y, int yAt) {
    ByteBuffer gains = gain.bytes();
    ByteBuffer biases = bias.bytes();
    int gainAt = gain.offset();
    int biasAt = bias.offset();
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector n = Lanes.load(x, at + j).sub(mean).mul(inverse);
      Lanes.store(n, normalized, normalizedAt + j);
      Lanes.store(n.fma(Lanes.load(gains, gainAt + j), Lanes.load(biases, biasAt + j)), y, yAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float n = (Lanes.at(x, at + j) - mean) * inverse;
      Lanes.put(n, normalized, normalizedAt + j);
      Lanes.put(Math.fma(n, Lanes.at(gains, gainAt + j), Lanes.at(biases, biasAt + j)), y, yAt + j);
    }
  }

  /**
   * With {@code g = dy * gain}: {@code dx = (g - mean(g) - normalized * mean(g * normalized)) * inverse}, of an RMS norm without
   * {@code mean(g)}; {@code dy} and {@code dx} may be the same. Adds {@code dy * normalized} and {@code dy}, the gradients of gain and
   * bias, to {@code sums[at ..]} and {@code sums[at + columns ..]}.
   */
  static void backward(NormConfig.Kind kind, Matrix dy, Matrix normalized, int i, Matrix gain, float inverse, Matrix dx, float[] sums,
      int at, float[] lanes) {
    int columns = dy.columns();
    ByteBuffer gradient = dy.bytes();
    ByteBuffer n = normalized.bytes();
    ByteBuffer gains = gain.bytes();
    int dyAt = dy.place(i, 0);
    int nAt = normalized.place(i, 0);
    int gainAt = gain.offset();
    addParameterGradients(gradient, dyAt, n, nAt, columns, sums, at);
    int whole = Lanes.whole(columns);
    FloatVector gradients = FloatVector.zero(Lanes.F);
    FloatVector products = FloatVector.zero(Lanes.F);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector g = Lanes.load(gradient, dyAt + j).mul(Lanes.load(gains, gainAt + j));
      gradients = gradients.add(g);
      products = g.fma(Lanes.load(n, nAt + j), products);
    }
    float mean = Lanes.sum(gradients, lanes);
    float meanProduct = Lanes.sum(products, lanes);
    for (int j = whole; j < columns; j++) {
      float g = Lanes.at(gradient, dyAt + j) * Lanes.at(gains, gainAt + j);
      mean += g;
      meanProduct = Math.fma(g, Lanes.at(n, nAt + j), meanProduct);
    }
    mean = kind == NormConfig.Kind.RMS ? 0 : mean / columns;
    inputGradient(gradient, dyAt, n, nAt, gains, gainAt, columns, mean, meanProduct / columns, inverse, dx.bytes(), dx.place(i, 0));
  }

  private static void inputGradient(ByteBuffer gradient, int dyAt, ByteBuffer n, int nAt, ByteBuffer gains, int gainAt, int columns,
      float mean, float meanProduct, float inverse, ByteBuffer dx, int dxAt) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector g = Lanes.load(gradient, dyAt + j).mul(Lanes.load(gains, gainAt + j)).sub(mean);
      Lanes.store(Lanes.load(n, nAt + j).mul(-meanProduct).add(g).mul(inverse), dx, dxAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float g = Lanes.at(gradient, dyAt + j) * Lanes.at(gains, gainAt + j) - mean;
      Lanes.put((Lanes.at(n, nAt + j) * -meanProduct + g) * inverse, dx, dxAt + j);
    }
  }

  private static void addParameterGradients(ByteBuffer gradient, int dyAt, ByteBuffer n, int nAt, int columns, float[] sums, int at) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector dy = Lanes.load(gradient, dyAt + j);
      dy.fma(Lanes.load(n, nAt + j), FloatVector.fromArray(Lanes.F, sums, at + j)).intoArray(sums, at + j);
      FloatVector.fromArray(Lanes.F, sums, at + columns + j).add(dy).intoArray(sums, at + columns + j);
    }
    for (int j = whole; j < columns; j++) {
      float dy = Lanes.at(gradient, dyAt + j);
      sums[at + j] = Math.fma(dy, Lanes.at(n, nAt + j), sums[at + j]);
      sums[at + columns + j] += dy;
    }
  }
}
