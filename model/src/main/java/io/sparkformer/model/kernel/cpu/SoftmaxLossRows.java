package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.OutputKernel.Loss;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Softmax, label-smoothed cross-entropy and its gradient, in place over rows of logits. */
final class SoftmaxLossRows {
  private SoftmaxLossRows() {}

  /**
   * Turns logits into {@code d loss / d logits = softmax - (1 - smoothing) at the target - smoothing / vocabulary everywhere}.
   *
   * @param targets of all rows, that of row 0 at place {@code first}
   * @return the losses of these rows
   */
  static Loss lossAndGradient(Matrix logits, int[] targets, int first, float smoothing) {
    int vocabulary = logits.columns();
    ByteBuffer bytes = logits.bytes();
    float[] lanes = new float[Lanes.COUNT];
    double smoothed = 0;
    double negativeLogLikelihood = 0;
    for (int i = 0; i < logits.rows(); i++) {
      int at = logits.place(i, 0);
      int target = targets[first + i];
      if (target < 0 || target >= vocabulary) {
        throw new IllegalArgumentException("Target %d at row %d is outside the vocabulary of %d".formatted(target, first + i, vocabulary));
      }
      float largest = max(bytes, at, vocabulary);
      double chosen = (double) Lanes.at(bytes, at + target) - largest;
      double meanLogit = smoothing > 0 ? mean(bytes, at, vocabulary, lanes) - largest : 0;
      float sum = exponentials(bytes, at, vocabulary, largest, lanes);
      scale(bytes, at, vocabulary, 1 / sum, smoothing / vocabulary);
      Lanes.put(Lanes.at(bytes, at + target) - (1 - smoothing), bytes, at + target);
      double logNormalizer = Math.log(sum);
      double nll = logNormalizer - chosen;
      negativeLogLikelihood += nll;
      smoothed += (1 - (double) smoothing) * nll + smoothing * (logNormalizer - meanLogit);
    }
    return new Loss(smoothed, negativeLogLikelihood, logits.rows());
  }

  /** Log of the sum of the exponentials of row {@code i}, which becomes them. */
  static double logNormalizer(Matrix logits, int i) {
    int at = logits.place(i, 0);
    float largest = max(logits.bytes(), at, logits.columns());
    return largest + Math.log(exponentials(logits.bytes(), at, logits.columns(), largest, new float[Lanes.COUNT]));
  }

  private static float max(ByteBuffer x, int at, int columns) {
    int whole = Lanes.whole(columns);
    FloatVector largest = FloatVector.broadcast(Lanes.F, Float.NEGATIVE_INFINITY);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      largest = largest.max(Lanes.load(x, at + j));
    }
    float max = largest.reduceLanes(VectorOperators.MAX);
    for (int j = whole; j < columns; j++) {
      max = Math.max(max, Lanes.at(x, at + j));
    }
    return max;
  }

  private static double mean(ByteBuffer x, int at, int columns, float[] lanes) {
    int whole = Lanes.whole(columns);
    FloatVector sums = FloatVector.zero(Lanes.F);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      sums = sums.add(Lanes.load(x, at + j));
    }
    double sum = Lanes.sum(sums, lanes);
    for (int j = whole; j < columns; j++) {
      sum += Lanes.at(x, at + j);
    }
    return sum / columns;
  }

  /** {@code x = exp(x - largest)}; returns the sum. */
  private static float exponentials(ByteBuffer x, int at, int columns, float largest, float[] lanes) {
    int whole = Lanes.whole(columns);
    FloatVector sums = FloatVector.zero(Lanes.F);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector exponential = Lanes.exp(Lanes.load(x, at + j).sub(largest));
      Lanes.store(exponential, x, at + j);
      sums = sums.add(exponential);
    }
    float sum = Lanes.sum(sums, lanes);
    for (int j = whole; j < columns; j++) {
      float exponential = Lanes.exp(Lanes.at(x, at + j) - largest);
      Lanes.put(exponential, x, at + j);
      sum += exponential;
    }
    return sum;
  }

  /** {@code x = x * factor - subtracted}. */
  private static void scale(ByteBuffer x, int at, int columns, float factor, float subtracted) {
    int whole = Lanes.whole(columns);
    FloatVector factors = FloatVector.broadcast(Lanes.F, factor);
    FloatVector addends = FloatVector.broadcast(Lanes.F, -subtracted);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(x, at + j).fma(factors, addends), x, at + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Math.fma(Lanes.at(x, at + j), factor, -subtracted), x, at + j);
    }
  }
}
