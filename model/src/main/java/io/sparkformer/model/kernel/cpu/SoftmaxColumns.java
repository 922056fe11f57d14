package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.config.Masking;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Softmax over the keys of many queries, its dropout and its backward pass, in Java arrays {@code [keys, queries]}: a column is a query.
 * The queries are a multiple of the number of lanes.
 */
final class SoftmaxColumns {
  private static final float HIDDEN = -1e30f;
  /** What hides the first lanes when it is added: read from {@code COUNT - n} on, it hides {@code n}. */
  private static final float[] CURTAIN = new float[2 * Lanes.COUNT];

  static {
    Arrays.fill(CURTAIN, 0, Lanes.COUNT, HIDDEN);
  }

  private SoftmaxColumns() {}

  /** {@code x = softmax(x * scale)} over the keys that a query sees; what it does not see becomes 0. */
  static void softmax(float[] x, int keys, int queries, Masking masking, float scale) {
    for (int first = 0; first < queries; first += Lanes.COUNT) {
      int seen = keys;
      if (masking == Masking.CAUSAL) {
        seen = Math.min(keys, first + Lanes.COUNT);
        for (int key = first; key < seen; key++) {
          int at = key * queries + first;
          FloatVector curtain = FloatVector.fromArray(Lanes.F, CURTAIN, Lanes.COUNT - (key - first));
          FloatVector.fromArray(Lanes.F, x, at).add(curtain).intoArray(x, at);
        }
      }
      exponentials(x, first, seen, queries, scale);
      for (int key = seen; key < keys; key++) {
        FloatVector.zero(Lanes.F).intoArray(x, key * queries + first);
      }
    }
  }

  private static void exponentials(float[] x, int at, int keys, int queries, float scale) {
    FloatVector largest = FloatVector.broadcast(Lanes.F, HIDDEN);
    for (int key = 0; key < keys; key++) {
      largest = largest.max(FloatVector.fromArray(Lanes.F, x, at + key * queries));
    }
    FloatVector sums = FloatVector.zero(Lanes.F);
    for (int key = 0; key < keys; key++) {
      FloatVector exponential = Lanes.exp(FloatVector.fromArray(Lanes.F, x, at + key * queries).sub(largest).mul(scale));
      exponential.intoArray(x, at + key * queries);
      sums = sums.add(exponential);
    }
    FloatVector inverse = FloatVector.broadcast(Lanes.F, 1).div(sums);
    for (int key = 0; key < keys; key++) {
      FloatVector.fromArray(Lanes.F, x, at + key * queries).mul(inverse).intoArray(x, at + key * queries);
    }
  }

  /**
   * {@code y = dropout(x)}; {@code x} and {@code y} may be the same.
   *
   * @param rowKeys of the queries
   * @param firstElement the number of a query's first key
   */
  static void drop(float[] x, float[] y, int keys, int queries, int[] rowKeys, int firstElement, int threshold, int scaleBits) {
    for (int first = 0; first < queries; first += Lanes.COUNT) {
      for (int key = 0; key < keys; key++) {
        int at = key * queries + first;
        IntVector hashed = IntVector.fromArray(Lanes.I, rowKeys, first).add((firstElement + key) * Dropout.ELEMENT_STRIDE);
        FloatVector.fromArray(Lanes.F, x, at).mul(Lanes.dropout(hashed, threshold, scaleBits)).intoArray(y, at);
      }
    }
  }

  /** Turns the gradient of the probabilities {@code p} into that of the scores: {@code p * (gradient - sum(gradient * p)) * scale}. */
  static void backward(float[] gradient, float[] p, int keys, int queries, float scale) {
    for (int first = 0; first < queries; first += Lanes.COUNT) {
      FloatVector sums = FloatVector.zero(Lanes.F);
      for (int key = 0; key < keys; key++) {
        int at = key * queries + first;
        sums = FloatVector.fromArray(Lanes.F, gradient, at).fma(FloatVector.fromArray(Lanes.F, p, at), sums);
      }
      for (int key = 0; key < keys; key++) {
        int at = key * queries + first;
        FloatVector weighted = FloatVector.fromArray(Lanes.F, p, at).mul(scale);
        FloatVector.fromArray(Lanes.F, gradient, at).sub(sums).mul(weighted).intoArray(gradient, at);
      }
    }
  }
}
