package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.LossTerms;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Softmax, the loss of training and its gradient of a block of rows, whose logits come a few columns at a time: the normalizer
 * (largest logit and sum of exponentials, rescaled when a larger one comes) is made while a core's cache still holds them.
 */
public final class SoftmaxLossBlock {
  private final int vocabulary;
  private final float[] largest;
  private final double[] sums;
  private final double[] logitSums;
  private final float[] lanes = new float[Lanes.COUNT];

  /** No column seen. */
  public SoftmaxLossBlock(int rows, int vocabulary) {
    this.vocabulary = vocabulary;
    this.largest = new float[rows];
    this.sums = new double[rows];
    this.logitSums = new double[rows];
    Arrays.fill(largest, Float.NEGATIVE_INFINITY);
  }

  /** Takes the next columns of all rows into account. */
  public void see(Matrix logits) {
    for (int i = 0; i < logits.rows(); i++) {
      int at = logits.place(i, 0);
      float max = Math.max(largest[i], max(logits.bytes(), at, logits.columns()));
      sums[i] = max == largest[i] ? sums[i] : sums[i] * Math.exp((double) largest[i] - max);
      largest[i] = max;
      add(i, logits.bytes(), at, logits.columns());
    }
  }

  /** Log of the sum of the exponentials of row {@code i}, all columns seen. */
  public double logNormalizer(int i) {
    return largest[i] + Math.log(sums[i]);
  }

  /**
   * The losses of these rows, all columns seen.
   *
   * @param logits {@code [rows, vocabulary]}
   * @param labels of all rows, that of row 0 at place {@code first}
   */
  public Loss loss(Matrix logits, int[] labels, int first, LossTerms terms) {
    double smoothing = terms.labelSmoothing();
    double smoothed = 0;
    double negativeLogLikelihood = 0;
    long correct = 0;
    for (int i = 0; i < logits.rows(); i++) {
      double logNormalizer = logNormalizer(i);
      float score = Lanes.at(logits.bytes(), logits.place(i, labels[first + i]));
      correct += score == largest[i] ? 1 : 0;
      double nll = logNormalizer - score;
      negativeLogLikelihood += nll;
      smoothed += (1 - smoothing) * nll + smoothing * (logNormalizer - logitSums[i] / vocabulary)
          + terms.zLoss() * logNormalizer * logNormalizer;
    }
    return new Loss(smoothed, negativeLogLikelihood, logits.rows(), correct);
  }

  /**
   * Turns the logits of row {@code i} into
   * {@code weight * d loss / d logits = weight * (softmax * (1 + 2 * zLoss * log Z) - (1 - smoothing) at the label - smoothing / vocabulary
   * everywhere)}.
   *
   * @param logits {@code [1, vocabulary]}
   */
  public void gradient(Matrix logits, int i, int label, LossTerms terms, float weight) {
    int at = logits.offset();
    float smoothing = (float) terms.labelSmoothing();
    double factor = terms.zLoss() == 0 ? 1 : 1 + 2 * terms.zLoss() * logNormalizer(i);
    softmax(logits.bytes(), at, vocabulary, largest[i], (float) (weight * factor / sums[i]), weight * (smoothing / vocabulary));
    Lanes.put(Lanes.at(logits.bytes(), at + label) - weight * (1 - smoothing), logits.bytes(), at + label);
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

  /** Adds logits of row {@code i}, and their exponentials, to its sums. */
  private void add(int i, ByteBuffer x, int at, int columns) {
    int whole = Lanes.whole(columns);
    float max = largest[i];
    FloatVector exponentials = FloatVector.zero(Lanes.F);
    FloatVector logits = FloatVector.zero(Lanes.F);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector some = Lanes.load(x, at + j);
      logits = logits.add(some);
      exponentials = exponentials.add(Lanes.exp(some.sub(max)));
    }
    double sumOfLogits = Lanes.sum(logits, lanes);
    double sumOfExponentials = Lanes.sum(exponentials, lanes);
    for (int j = whole; j < columns; j++) {
      sumOfLogits += Lanes.at(x, at + j);
      sumOfExponentials += Lanes.exp(Lanes.at(x, at + j) - max);
    }
    logitSums[i] += sumOfLogits;
    sums[i] += sumOfExponentials;
  }

  /** {@code x = exp(x - largest) * factor - subtracted}. */
  private static void softmax(ByteBuffer x, int at, int columns, float largest, float factor, float subtracted) {
    int whole = Lanes.whole(columns);
    FloatVector factors = FloatVector.broadcast(Lanes.F, factor);
    FloatVector addends = FloatVector.broadcast(Lanes.F, -subtracted);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.exp(Lanes.load(x, at + j).sub(largest)).fma(factors, addends), x, at + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Math.fma(Lanes.exp(Lanes.at(x, at + j) - largest), factor, -subtracted), x, at + j);
    }
  }
}
