package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.Pages;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/**
 * How some positions of a cache lie in a page, and the products of queries with them. Keys lie transposed, so that each lane of a vector is
 * a position: {@code [key_value_heads, head_width, positions]}; values as they are read for sums over positions: {@code [key_value_heads,
 * positions, padded(head_width)]}.
 *
 * <p>An element of a product is always the same sum in the same order, whatever other queries and pages there are.
 */
final class CachePage {
  /** Positions of a page: whole vectors of every size. */
  static final int POSITIONS = 16;
  /** Queries of one product, which share the loads of the keys. */
  private static final int TOGETHER = 4;

  private final int heads;
  private final int width;
  private final int padded;

  CachePage(AttentionConfig config) {
    this.heads = config.keyValueHeads();
    this.width = config.headWidth();
    this.padded = Lanes.padded(width);
  }

  /** Size of a page. */
  int floats() {
    return heads * POSITIONS * (width + padded);
  }

  private int keys(int head) {
    return head * width * POSITIONS;
  }

  private int values(int head) {
    return heads * width * POSITIONS + head * POSITIONS * padded;
  }

  /** Puts keys and values of a token at a place of the page. */
  void write(Pages.Page page, int place, Matrix keys, Matrix values, int token) {
    ByteBuffer bytes = page.bytes();
    for (int head = 0; head < heads; head++) {
      int from = keys.place(token, head * width);
      int to = page.offset() + keys(head) + place;
      for (int c = 0; c < width; c++) {
        Lanes.put(Lanes.at(keys.bytes(), from + c), bytes, to + c * POSITIONS);
      }
      copy(values.bytes(), values.place(token, head * width), bytes, page.offset() + values(head) + place * padded);
    }
  }

  private void copy(ByteBuffer from, int at, ByteBuffer to, int place) {
    int whole = Lanes.whole(width);
    for (int c = 0; c < whole; c += Lanes.COUNT) {
      Lanes.store(Lanes.load(from, at + c), to, place + c);
    }
    for (int c = whole; c < padded; c++) {
      Lanes.put(c < width ? Lanes.at(from, at + c) : 0, to, place + c);
    }
  }

  /**
   * {@code scores = q k^T} of a head, for all positions of the page.
   *
   * @param q query {@code i} begins at {@code i * stride}
   * @param scores those of query {@code i} begin at {@code to + i * scoresStride}
   */
  void scores(Pages.Page page, int head, float[] q, int queries, int stride, float[] scores, int to, int scoresStride) {
    ByteBuffer keys = page.bytes();
    int place = page.offset() + keys(head);
    for (int lane = 0; lane < POSITIONS; lane += Lanes.COUNT) {
      int i = 0;
      for (; i + TOGETHER <= queries; i += TOGETHER) {
        four(q, i * stride, stride, keys, place + lane, scores, to + lane + i * scoresStride, scoresStride);
      }
      for (; i < queries; i++) {
        one(q, i * stride, keys, place + lane, scores, to + lane + i * scoresStride);
      }
    }
  }

  private void one(float[] q, int at, ByteBuffer keys, int place, float[] scores, int to) {
    FloatVector even = FloatVector.zero(Lanes.F);
    FloatVector odd = FloatVector.zero(Lanes.F);
    int c = 0;
    for (; c + 1 < width; c += 2) {
      even = Lanes.load(keys, place + c * POSITIONS).fma(FloatVector.broadcast(Lanes.F, q[at + c]), even);
      odd = Lanes.load(keys, place + (c + 1) * POSITIONS).fma(FloatVector.broadcast(Lanes.F, q[at + c + 1]), odd);
    }
    if (c < width) {
      even = Lanes.load(keys, place + c * POSITIONS).fma(FloatVector.broadcast(Lanes.F, q[at + c]), even);
    }
    even.add(odd).intoArray(scores, to);
  }

  private void four(float[] q, int at, int stride, ByteBuffer keys, int place, float[] scores, int to, int scoresStride) {
    FloatVector even0 = FloatVector.zero(Lanes.F);
    FloatVector even1 = FloatVector.zero(Lanes.F);
    FloatVector even2 = FloatVector.zero(Lanes.F);
    FloatVector even3 = FloatVector.zero(Lanes.F);
    FloatVector odd0 = FloatVector.zero(Lanes.F);
    FloatVector odd1 = FloatVector.zero(Lanes.F);
    FloatVector odd2 = FloatVector.zero(Lanes.F);
    FloatVector odd3 = FloatVector.zero(Lanes.F);
    int second = at + stride;
    int third = second + stride;
    int fourth = third + stride;
    int c = 0;
    for (; c + 1 < width; c += 2) {
      FloatVector key = Lanes.load(keys, place + c * POSITIONS);
      even0 = key.fma(FloatVector.broadcast(Lanes.F, q[at + c]), even0);
      even1 = key.fma(FloatVector.broadcast(Lanes.F, q[second + c]), even1);
      even2 = key.fma(FloatVector.broadcast(Lanes.F, q[third + c]), even2);
      even3 = key.fma(FloatVector.broadcast(Lanes.F, q[fourth + c]), even3);
      FloatVector next = Lanes.load(keys, place + (c + 1) * POSITIONS);
      odd0 = next.fma(FloatVector.broadcast(Lanes.F, q[at + c + 1]), odd0);
      odd1 = next.fma(FloatVector.broadcast(Lanes.F, q[second + c + 1]), odd1);
      odd2 = next.fma(FloatVector.broadcast(Lanes.F, q[third + c + 1]), odd2);
      odd3 = next.fma(FloatVector.broadcast(Lanes.F, q[fourth + c + 1]), odd3);
    }
    if (c < width) {
      FloatVector key = Lanes.load(keys, place + c * POSITIONS);
      even0 = key.fma(FloatVector.broadcast(Lanes.F, q[at + c]), even0);
      even1 = key.fma(FloatVector.broadcast(Lanes.F, q[second + c]), even1);
      even2 = key.fma(FloatVector.broadcast(Lanes.F, q[third + c]), even2);
      even3 = key.fma(FloatVector.broadcast(Lanes.F, q[fourth + c]), even3);
    }
    even0.add(odd0).intoArray(scores, to);
    even1.add(odd1).intoArray(scores, to + scoresStride);
    even2.add(odd2).intoArray(scores, to + 2 * scoresStride);
    even3.add(odd3).intoArray(scores, to + 3 * scoresStride);
  }

  /**
   * {@code context += p v} of a head and a query, over the places {@code [from, to)} of the page.
   *
   * @param p probabilities; that of place {@code i} stands at {@code at + i}
   * @param context of {@code padded(head_width)} elements
   */
  void addValues(Pages.Page page, int head, int from, int to, float[] p, int at, float[] context, int contextAt) {
    ByteBuffer values = page.bytes();
    int place = page.offset() + values(head);
    int c = 0;
    for (; c + 4 * Lanes.COUNT <= padded; c += 4 * Lanes.COUNT) {
      fourVectors(values, place + c, from, to, p, at, context, contextAt + c);
    }
    for (; c < padded; c += Lanes.COUNT) {
      FloatVector sum = FloatVector.fromArray(Lanes.F, context, contextAt + c);
      for (int i = from; i < to; i++) {
        sum = Lanes.load(values, place + c + i * padded).fma(FloatVector.broadcast(Lanes.F, p[at + i]), sum);
      }
      sum.intoArray(context, contextAt + c);
    }
  }

  private void fourVectors(ByteBuffer values, int place, int from, int to, float[] p, int at, float[] context, int contextAt) {
    FloatVector sum0 = FloatVector.fromArray(Lanes.F, context, contextAt);
    FloatVector sum1 = FloatVector.fromArray(Lanes.F, context, contextAt + Lanes.COUNT);
    FloatVector sum2 = FloatVector.fromArray(Lanes.F, context, contextAt + 2 * Lanes.COUNT);
    FloatVector sum3 = FloatVector.fromArray(Lanes.F, context, contextAt + 3 * Lanes.COUNT);
    for (int i = from; i < to; i++) {
      FloatVector probability = FloatVector.broadcast(Lanes.F, p[at + i]);
      int row = place + i * padded;
      sum0 = Lanes.load(values, row).fma(probability, sum0);
      sum1 = Lanes.load(values, row + Lanes.COUNT).fma(probability, sum1);
      sum2 = Lanes.load(values, row + 2 * Lanes.COUNT).fma(probability, sum2);
      sum3 = Lanes.load(values, row + 3 * Lanes.COUNT).fma(probability, sum3);
    }
    sum0.intoArray(context, contextAt);
    sum1.intoArray(context, contextAt + Lanes.COUNT);
    sum2.intoArray(context, contextAt + 2 * Lanes.COUNT);
    sum3.intoArray(context, contextAt + 3 * Lanes.COUNT);
  }
}
