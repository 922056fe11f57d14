package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Softmax over the keys of many queries, its dropout and its backward pass, tile by tile, in Java arrays {@code [keys, queries]}: a column
 * is a query. The queries are a multiple of the number of lanes. Of a tile, the blocks of keys that its {@link Band} shows to any query of
 * a vector are read and written; what is hidden in them becomes 0.
 */
final class SoftmaxColumns {
  /** What the largest score of a query is before its first key: below every score, but above those that are hidden. */
  static final float LOWEST = -1e20f;

  private static final float HIDDEN = -1e30f;
  /** What hides lanes when it is added: zeros, hiding lanes, zeros, so that reads at an offset hide the first or the last lanes. */
  private static final float[] CURTAIN = new float[3 * Lanes.COUNT];

  static {
    Arrays.fill(CURTAIN, Lanes.COUNT, 2 * Lanes.COUNT, HIDDEN);
  }

  private SoftmaxColumns() {}

  /**
   * Goes on with softmax by a tile: {@code x} becomes {@code exp((x - largest) * scale)}, where {@code largest} is a query's largest score
   * so far, this tile's included.
   *
   * @param x with room for one more row of keys
   * @param at where the queries' numbers begin in the arrays that follow
   * @param largest of every query, updated
   * @param sums of the exponentials of every query, updated
   * @param factors becomes what the exponentials of earlier tiles are to be multiplied by
   */
  static void exponentials(float[] x, int keys, int queries, Band band, float scale, int at, float[] largest, float[] sums,
      float[] factors) {
    for (int first = 0; first < queries; first += Lanes.COUNT) {
      int from = band.firstRow(first);
      int to = band.lastRow(first + Lanes.COUNT, keys);
      hide(x, from, to, queries, first, band);
      // The largest score of earlier tiles is one score more: its exponential is the factor. One loop makes all exponentials, since the
      // JIT compiler does not inline several of them into one method.
      FloatVector.fromArray(Lanes.F, largest, at + first).intoArray(x, to * queries + first);
      largest(x, from, to + 1, queries, first, largest, at + first);
      exponentials(x, from, to + 1, queries, first, scale, largest, at + first);
      sum(x, from, to, queries, first, at + first, sums, factors);
    }
  }

  private static void largest(float[] x, int from, int to, int queries, int first, float[] largest, int at) {
    FloatVector most = FloatVector.fromArray(Lanes.F, largest, at);
    for (int key = from; key < to; key++) {
      most = most.max(FloatVector.fromArray(Lanes.F, x, key * queries + first));
    }
    most.intoArray(largest, at);
  }

  private static void exponentials(float[] x, int from, int to, int queries, int first, float scale, float[] largest, int at) {
    FloatVector most = FloatVector.fromArray(Lanes.F, largest, at);
    for (int key = from; key < to; key++) {
      FloatVector score = FloatVector.fromArray(Lanes.F, x, key * queries + first);
      Lanes.exp(score.sub(most).mul(scale)).intoArray(x, key * queries + first);
    }
  }

  private static void sum(float[] x, int from, int to, int queries, int first, int at, float[] sums, float[] factors) {
    FloatVector factor = FloatVector.fromArray(Lanes.F, x, to * queries + first);
    FloatVector sum = FloatVector.fromArray(Lanes.F, sums, at).mul(factor);
    for (int key = from; key < to; key++) {
      sum = sum.add(FloatVector.fromArray(Lanes.F, x, key * queries + first));
    }
    factor.intoArray(factors, at);
    sum.intoArray(sums, at);
  }

  /** {@code x = exp((x - largest) * scale) * inverse}: the probabilities again, given what {@link #exponentials} found. */
  static void probabilities(float[] x, int keys, int queries, Band band, float scale, int at, float[] largest, float[] inverse) {
    for (int first = 0; first < queries; first += Lanes.COUNT) {
      int from = band.firstRow(first);
      int to = band.lastRow(first + Lanes.COUNT, keys);
      hide(x, from, to, queries, first, band);
      probabilities(x, from, to, queries, first, scale, at + first, largest, inverse);
    }
  }

  private static void probabilities(float[] x, int from, int to, int queries, int first, float scale, int at, float[] largest,
      float[] inverse) {
    FloatVector most = FloatVector.fromArray(Lanes.F, largest, at);
    FloatVector factor = FloatVector.fromArray(Lanes.F, inverse, at);
    for (int key = from; key < to; key++) {
      FloatVector score = FloatVector.fromArray(Lanes.F, x, key * queries + first);
      Lanes.exp(score.sub(most).mul(scale)).mul(factor).intoArray(x, key * queries + first);
    }
  }

  /** Hides the keys {@code [from, to)} from the queries of a vector that do not see them. */
  private static void hide(float[] x, int from, int to, int queries, int first, Band band) {
    for (int key = Math.max(from, first - band.low() + 1); key < to; key++) {
      int hidden = Math.min(Lanes.COUNT, key + band.low() - first);
      add(CURTAIN, 2 * Lanes.COUNT - hidden, x, key * queries + first);
    }
    int end = Math.min(to, first + Lanes.COUNT - 1 - band.high());
    for (int key = from; key < end; key++) {
      int seen = Math.max(0, key + band.high() - first + 1);
      add(CURTAIN, Lanes.COUNT - seen, x, key * queries + first);
    }
  }

  private static void add(float[] from, int at, float[] to, int place) {
    FloatVector.fromArray(Lanes.F, to, place).add(FloatVector.fromArray(Lanes.F, from, at)).intoArray(to, place);
  }

  /**
   * {@code x = dropout(x)}.
   *
   * @param rowKeys of the queries
   * @param firstElement the number of a query's first key
   */
  static void drop(float[] x, int keys, int queries, Band band, int[] rowKeys, int firstElement, int threshold, int scaleBits) {
    for (int first = 0; first < queries; first += Lanes.COUNT) {
      int to = band.lastRow(first + Lanes.COUNT, keys);
      for (int key = band.firstRow(first); key < to; key++) {
        int at = key * queries + first;
        IntVector hashed = IntVector.fromArray(Lanes.I, rowKeys, first).add((firstElement + key) * Dropout.ELEMENT_STRIDE);
        FloatVector.fromArray(Lanes.F, x, at).mul(Lanes.dropout(hashed, threshold, scaleBits)).intoArray(x, at);
      }
    }
  }

  /** The sums over all keys that {@link #backward} needs, of a tile that has all of them. */
  static void means(float[] gradient, float[] p, int keys, int queries, Band band, int at, float[] means) {
    for (int first = 0; first < queries; first += Lanes.COUNT) {
      int to = band.lastRow(first + Lanes.COUNT, keys);
      FloatVector sum = FloatVector.zero(Lanes.F);
      for (int key = band.firstRow(first); key < to; key++) {
        int place = key * queries + first;
        sum = FloatVector.fromArray(Lanes.F, gradient, place).fma(FloatVector.fromArray(Lanes.F, p, place), sum);
      }
      sum.intoArray(means, at + first);
    }
  }

  /** {@link #means} for {@link #backwardDropped}. */
  static void meansDropped(float[] gradient, float[] p, int keys, int queries, Band band, int at, float[] means, int[] rowKeys,
      int firstElement, int threshold, int scaleBits) {
    for (int first = 0; first < queries; first += Lanes.COUNT) {
      int to = band.lastRow(first + Lanes.COUNT, keys);
      FloatVector sum = FloatVector.zero(Lanes.F);
      for (int key = band.firstRow(first); key < to; key++) {
        int place = key * queries + first;
        IntVector hashed = IntVector.fromArray(Lanes.I, rowKeys, first).add((firstElement + key) * Dropout.ELEMENT_STRIDE);
        FloatVector dropped = FloatVector.fromArray(Lanes.F, gradient, place).mul(Lanes.dropout(hashed, threshold, scaleBits));
        sum = dropped.fma(FloatVector.fromArray(Lanes.F, p, place), sum);
      }
      sum.intoArray(means, at + first);
    }
  }

  /**
   * Turns the gradient of the probabilities {@code p} into that of the scores: {@code p * (gradient - mean) * scale}.
   *
   * @param at where the queries' numbers begin in {@code means}
   * @param means of every query: {@code sum(p * gradient)} over all of its keys
   */
  static void backward(float[] gradient, float[] p, int keys, int queries, Band band, float scale, int at, float[] means) {
    for (int first = 0; first < queries; first += Lanes.COUNT) {
      int to = band.lastRow(first + Lanes.COUNT, keys);
      FloatVector mean = FloatVector.fromArray(Lanes.F, means, at + first);
      for (int key = band.firstRow(first); key < to; key++) {
        int place = key * queries + first;
        FloatVector weighted = FloatVector.fromArray(Lanes.F, p, place).mul(scale);
        FloatVector.fromArray(Lanes.F, gradient, place).sub(mean).mul(weighted).intoArray(gradient, place);
      }
    }
  }

  /** {@link #backward} where {@code gradient} is that of the probabilities after dropout, which {@code p} becomes. */
  static void backwardDropped(float[] gradient, float[] p, int keys, int queries, Band band, float scale, int at, float[] means,
      int[] rowKeys, int firstElement, int threshold, int scaleBits) {
    for (int first = 0; first < queries; first += Lanes.COUNT) {
      int to = band.lastRow(first + Lanes.COUNT, keys);
      FloatVector mean = FloatVector.fromArray(Lanes.F, means, at + first);
      for (int key = band.firstRow(first); key < to; key++) {
        int place = key * queries + first;
        IntVector hashed = IntVector.fromArray(Lanes.I, rowKeys, first).add((firstElement + key) * Dropout.ELEMENT_STRIDE);
        FloatVector mask = Lanes.dropout(hashed, threshold, scaleBits);
        FloatVector probability = FloatVector.fromArray(Lanes.F, p, place);
        FloatVector dropped = FloatVector.fromArray(Lanes.F, gradient, place).mul(mask);
        dropped.sub(mean).mul(probability.mul(scale)).intoArray(gradient, place);
        probability.mul(mask).intoArray(p, place);
      }
    }
  }
}
