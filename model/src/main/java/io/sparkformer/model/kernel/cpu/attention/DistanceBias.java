package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * What positions add to the scaled scores: a number for each head and each distance {@code key position - query position}. Of attention
 * with linear biases, which are numbers for each key, that of the query is taken off, which softmax does not see.
 *
 * <p>The numbers of a head lie so that those of a vector of scores lie side by side: by falling distance where queries are, by rising
 * distance where keys are.
 */
final class DistanceBias {
  private final AttentionConfig config;
  /** Distance of the first number, and the step from one to the next: 1 or -1. */
  private final int first;
  private final int step;
  private final int count;
  private final float[][] ofHead;

  private DistanceBias(AttentionConfig config, Matrix relative, int first, int step, int count) {
    this.config = config;
    this.first = first;
    this.step = step;
    this.count = count;
    this.ofHead = new float[config.heads()][count];
    for (int i = 0; i < count; i++) {
      fill(i, first + step * i, relative);
    }
  }

  private void fill(int i, int distance, Matrix relative) {
    if (config.positions() instanceof AttentionPositions.Relative positions) {
      int bucket = positions.bucket(distance, config.masking());
      for (int head = 0; head < ofHead.length; head++) {
        ofHead[head][i] = Lanes.at(relative.bytes(), relative.place(bucket, head));
      }
    } else if (config.positions() instanceof AttentionPositions.Alibi positions) {
      double[] slopes = AttentionPositions.Alibi.slopes(config.heads());
      for (int head = 0; head < ofHead.length; head++) {
        ofHead[head][i] = (float) (positions.factor() * slopes[head] * distance);
      }
    }
  }

  /** Whether these positions add to scores. */
  static boolean isNeeded(AttentionConfig config) {
    return config.positions() instanceof AttentionPositions.Relative || config.positions() instanceof AttentionPositions.Alibi;
  }

  /**
   * For scores {@code [keys, queries]}, of sentences of at most so many of each; null if positions add nothing.
   *
   * @param relative {@code [buckets, heads]}; null without relative positions
   */
  static DistanceBias ofColumns(AttentionConfig config, Matrix relative, int queries, int keys) {
    return isNeeded(config) ? new DistanceBias(config, relative, keys - 1, -1, keys + queries + Lanes.COUNT) : null;
  }

  /** For scores {@code [queries, keys]} of queries at or behind their keys, of so many keys at most; null if positions add nothing. */
  static DistanceBias ofRows(AttentionConfig config, Matrix relative, int keys) {
    return isNeeded(config) ? new DistanceBias(config, relative, 1 - keys, 1, keys + Lanes.COUNT) : null;
  }

  /** Numbers of a head. */
  int count() {
    return count;
  }

  private int place(int distance) {
    return (distance - first) * step;
  }

  /**
   * {@code x = x * scale + bias} in a tile {@code [keys, queries]}.
   *
   * @param offset position of the tile's first query, less that of its first key
   */
  void add(float[] x, int keys, int queries, Band band, float scale, int head, int offset) {
    float[] bias = ofHead[head];
    for (int column = 0; column < queries; column += Lanes.COUNT) {
      int to = band.lastRow(column + Lanes.COUNT, keys);
      for (int key = band.firstRow(column); key < to; key++) {
        int at = key * queries + column;
        addAt(x, at, scale, bias, place(key - offset - column));
      }
    }
  }

  /** {@code x = x * scale + bias} in a row of whole vectors of keys, the first of which is at a distance of the query. */
  void addToRow(float[] x, int at, int keys, float scale, int head, int distance) {
    float[] bias = ofHead[head];
    for (int key = 0; key < keys; key += Lanes.COUNT) {
      addAt(x, at + key, scale, bias, place(distance + key));
    }
  }

  private static void addAt(float[] x, int at, float scale, float[] bias, int biasAt) {
    FloatVector.fromArray(Lanes.F, x, at).fma(FloatVector.broadcast(Lanes.F, scale), FloatVector.fromArray(Lanes.F, bias, biasAt))
        .intoArray(x, at);
  }

  /** Adds the gradients of scaled scores to {@code sums}, by distance, and turns them into those of the scores. */
  void sum(float[] gradient, int keys, int queries, Band band, float scale, int offset, float[] sums, int sumsAt) {
    for (int column = 0; column < queries; column += Lanes.COUNT) {
      int to = band.lastRow(column + Lanes.COUNT, keys);
      for (int key = band.firstRow(column); key < to; key++) {
        int at = key * queries + column;
        int sumAt = sumsAt + place(key - offset - column);
        FloatVector value = FloatVector.fromArray(Lanes.F, gradient, at);
        FloatVector.fromArray(Lanes.F, sums, sumAt).add(value).intoArray(sums, sumAt);
        value.mul(scale).intoArray(gradient, at);
      }
    }
  }

  /** The gradient of the table of relative positions: sums of every sentence, which are added in the order of the sentences. */
  final class Gradient {
    private final AttentionPositions.Relative positions = (AttentionPositions.Relative) config.positions();
    private final int[] buckets = new int[count];
    /** {@code [sentences, heads, buckets]}. */
    private final double[] sums;
    private final int sentences;

    Gradient(int sentences) {
      this.sentences = sentences;
      this.sums = new double[Math.multiplyExact(sentences, config.heads() * positions.buckets())];
      for (int i = 0; i < count; i++) {
        buckets[i] = positions.bucket(first + step * i, config.masking());
      }
    }

    /** Takes what {@link DistanceBias#sum} has made of a head of a sentence. */
    void keep(int sentence, int head, float[] distances, int at) {
      int to = (sentence * config.heads() + head) * positions.buckets();
      for (int i = 0; i < count; i++) {
        sums[to + buckets[i]] += distances[at + i];
      }
    }

    /** Adds to the table's gradient {@code [buckets, heads]}. */
    void addTo(Matrix table) {
      for (int bucket = 0; bucket < positions.buckets(); bucket++) {
        for (int head = 0; head < config.heads(); head++) {
          double sum = 0;
          for (int sentence = 0; sentence < sentences; sentence++) {
            sum += sums[(sentence * config.heads() + head) * positions.buckets() + bucket];
          }
          int place = table.place(bucket, head);
          Lanes.put((float) (Lanes.at(table.bytes(), place) + sum), table.bytes(), place);
        }
      }
    }
  }
}
