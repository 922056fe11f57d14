package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Softmax over the keys of one query, as in decoding, in Java arrays whose rows are whole vectors. */
final class SoftmaxRows {
  private static final float HIDDEN = -1e30f;

  private SoftmaxRows() {}

  /**
   * {@code x = softmax(x * scale)} over the elements {@code [from, end)} of a row; the rest of the row becomes 0.
   *
   * @param padded elements of the row, a multiple of the number of lanes
   */
  static void softmax(float[] x, int at, int from, int end, int padded, float scale, float[] lanes) {
    int first = Lanes.whole(from);
    int used = end == from ? first : Lanes.padded(end);
    Arrays.fill(x, at, at + first, 0);
    Arrays.fill(x, at + used, at + padded, 0);
    if (end == from) {
      return;
    }
    Arrays.fill(x, at + first, at + from, HIDDEN);
    Arrays.fill(x, at + end, at + used, HIDDEN);
    FloatVector largest = FloatVector.broadcast(Lanes.F, Float.NEGATIVE_INFINITY);
    for (int j = first; j < used; j += Lanes.COUNT) {
      largest = largest.max(FloatVector.fromArray(Lanes.F, x, at + j));
    }
    float max = largest.reduceLanes(VectorOperators.MAX);
    FloatVector sums = FloatVector.zero(Lanes.F);
    for (int j = first; j < used; j += Lanes.COUNT) {
      FloatVector exponential = Lanes.exp(FloatVector.fromArray(Lanes.F, x, at + j).sub(max).mul(scale));
      exponential.intoArray(x, at + j);
      sums = sums.add(exponential);
    }
    float inverse = 1 / Lanes.sum(sums, lanes);
    for (int j = first; j < used; j += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.F, x, at + j).mul(inverse).intoArray(x, at + j);
    }
  }
}
