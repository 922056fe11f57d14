package io.sparkformer.model.kernel.cpu;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Softmax over the keys of one query, its dropout and its backward pass, in Java arrays whose rows are whole vectors. */
final class SoftmaxRows {
  private static final float HIDDEN = -1e30f;

  private SoftmaxRows() {}

  /**
   * {@code x = softmax(x * scale)} over the first {@code visible} elements; the rest of the row becomes 0.
   *
   * @param padded elements of the row, a multiple of the number of lanes
   */
  static void softmax(float[] x, int at, int visible, int padded, float scale, float[] lanes) {
    int used = Lanes.padded(visible);
    Arrays.fill(x, at + visible, at + used, HIDDEN);
    Arrays.fill(x, at + used, at + padded, 0);
    if (visible == 0) {
      return;
    }
    FloatVector largest = FloatVector.broadcast(Lanes.F, Float.NEGATIVE_INFINITY);
    for (int j = 0; j < used; j += Lanes.COUNT) {
      largest = largest.max(FloatVector.fromArray(Lanes.F, x, at + j));
    }
    float max = largest.reduceLanes(VectorOperators.MAX);
    FloatVector sums = FloatVector.zero(Lanes.F);
    for (int j = 0; j < used; j += Lanes.COUNT) {
      FloatVector exponential = Lanes.exp(FloatVector.fromArray(Lanes.F, x, at + j).sub(max).mul(scale));
      exponential.intoArray(x, at + j);
      sums = sums.add(exponential);
    }
    float inverse = 1 / Lanes.sum(sums, lanes);
    for (int j = 0; j < used; j += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.F, x, at + j).mul(inverse).intoArray(x, at + j);
    }
  }

  /** {@code y = dropout(x)} of a row; {@code x} and {@code y} may be the same. */
  static void drop(float[] x, float[] y, int at, int padded, int key, int firstElement, int threshold, int scaleBits) {
    for (int j = 0; j < padded; j += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.F, x, at + j).mul(Lanes.dropout(key, firstElement + j, threshold, scaleBits)).intoArray(y, at + j);
    }
  }

  /** Turns the gradient of the probabilities {@code p} into that of the scores: {@code p * (gradient - sum(gradient * p)) * scale}. */
  static void backward(float[] gradient, float[] p, int at, int padded, float scale, float[] lanes) {
    FloatVector products = FloatVector.zero(Lanes.F);
    for (int j = 0; j < padded; j += Lanes.COUNT) {
      products = FloatVector.fromArray(Lanes.F, gradient, at + j).fma(FloatVector.fromArray(Lanes.F, p, at + j), products);
    }
    float sum = Lanes.sum(products, lanes);
    for (int j = 0; j < padded; j += Lanes.COUNT) {
      FloatVector p0 = FloatVector.fromArray(Lanes.F, p, at + j);
      FloatVector.fromArray(Lanes.F, gradient, at + j).sub(sum).mul(p0).mul(scale).intoArray(gradient, at + j);
    }
  }
}
