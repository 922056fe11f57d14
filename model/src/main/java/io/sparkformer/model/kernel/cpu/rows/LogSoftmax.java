package io.sparkformer.model.kernel.cpu.rows;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** What turns the logits of a row on the heap into log-probabilities. */
public final class LogSoftmax {
  /** Exponentials that are summed in float32 before the sum goes on in float64. */
  private static final int BLOCK = 1024;

  private LogSoftmax() {}

  /**
   * Log of the sum of the exponentials of {@code logits[from ..< from + count]}; not a number where one of them is none.
   *
   * @param lanes scratch memory of {@link Lanes#COUNT} floats
   */
  public static double normalizer(float[] logits, int from, int count, float[] lanes) {
    float max = max(logits, from, count);
    double sum = 0;
    for (int block = 0; block < count; block += BLOCK) {
      sum += sum(logits, from + block, Math.min(BLOCK, count - block), max, lanes);
    }
    return max + Math.log(sum);
  }

  /**
   * Adds the probabilities of a row to those of other networks at the same places.
   *
   * @param normalizer of the row
   */
  public static void addProbabilities(float[] logits, int from, int count, double normalizer, float[] sums) {
    int whole = Lanes.whole(count);
    float subtracted = (float) normalizer;
    for (int i = from; i < from + whole; i += Lanes.COUNT) {
      Lanes.exp(FloatVector.fromArray(Lanes.F, logits, i).sub(subtracted)).add(FloatVector.fromArray(Lanes.F, sums, i)).intoArray(sums, i);
    }
    for (int i = from + whole; i < from + count; i++) {
      sums[i] += Lanes.exp(logits[i] - subtracted);
    }
  }

  private static float max(float[] logits, int from, int count) {
    int whole = Lanes.whole(count);
    FloatVector largest = FloatVector.broadcast(Lanes.F, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      largest = largest.max(FloatVector.fromArray(Lanes.F, logits, from + i));
    }
    float max = largest.reduceLanes(VectorOperators.MAX);
    for (int i = whole; i < count; i++) {
      max = Math.max(max, logits[from + i]);
    }
    return max;
  }

  private static double sum(float[] logits, int from, int count, float max, float[] lanes) {
    int whole = Lanes.whole(count);
    FloatVector exponentials = FloatVector.zero(Lanes.F);
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      exponentials = exponentials.add(Lanes.exp(FloatVector.fromArray(Lanes.F, logits, from + i).sub(max)));
    }
    double sum = Lanes.sum(exponentials, lanes);
    for (int i = whole; i < count; i++) {
      sum += Lanes.exp(logits[from + i] - max);
    }
    return sum;
  }
}
