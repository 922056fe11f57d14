package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.AttentionDropout;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.kernel.Segments;

/**
 * Scaled dot-product attention over packed rows, sentence by sentence and head by head, without padding: the paper, equation 1. The
 * products of one head of one sentence are so small that they stay in a core's cache from the first to the last.
 *
 * <p>Scores and probabilities lie transposed, {@code [key_time, padded(query_time)]}: each lane of a vector is a query, so that the sums
 * and maxima of softmax, which run over keys, need no exchange between lanes.
 */
final class AttentionHeads {
  /** Columns of rows that are copied together: a copy of a few costs as much as one of many. */
  private static final int COLUMNS_TOGETHER = 256;

  private final int heads;
  private final int width;
  /** Heads of one part. */
  private final int together;
  private final int groups;
  private final Masking masking;
  private final float scale;
  private final Segments querySegments;
  private final Segments memorySegments;
  private final Masks masks;
  /** Where the kept probabilities of each sentence begin; those of one head are {@code [key_time, padded(query_time)]}. */
  private final int[] places;

  AttentionHeads(int heads, int width, Masking masking, Segments querySegments, Segments memorySegments, Masks masks) {
    this.heads = heads;
    this.width = width;
    this.together = Math.max(1, Math.min(heads, COLUMNS_TOGETHER / width));
    this.groups = (heads + together - 1) / together;
    this.masking = masking;
    this.scale = (float) (1 / Math.sqrt(width));
    this.querySegments = querySegments;
    this.memorySegments = memorySegments;
    this.masks = masks;
    if (querySegments.sentences() != memorySegments.sentences()) {
      throw new IllegalArgumentException("Queries and memory must be of the same sentences: queries of %d, memory of %d"
          .formatted(querySegments.sentences(), memorySegments.sentences()));
    }
    places = new int[querySegments.sentences() + 1];
    for (int s = 0; s < querySegments.sentences(); s++) {
      int elements = Math.multiplyExact(heads, Math.multiplyExact(memorySegments.length(s), Lanes.padded(querySegments.length(s))));
      places[s + 1] = Math.addExact(places[s], elements);
    }
  }

  /** Parts of the loop over sentences and groups of heads. */
  int parts() {
    return querySegments.sentences() * groups;
  }

  /** Elements of the probabilities that a backward pass needs. */
  int probabilities() {
    return places[places.length - 1];
  }

  /**
   * Some heads of one sentence.
   *
   * @param keep where the probabilities before dropout are kept; null in inference
   * @param context {@code [query tokens, d_model]}: the result
   */
  void forward(int part, Matrix q, Matrix k, Matrix v, Floats keep, Matrix context) {
    Group group = new Group(part);
    HeadMemory memory = memory(group);
    group.ofQuery(q).load(memory.query, memory.stride);
    group.ofMemory(k).load(memory.key, memory.stride);
    group.ofMemory(v).load(memory.value, memory.stride);
    for (int head = group.first; head < group.end; head++) {
      forward(group, head, keep, memory);
    }
    group.ofQuery(context).store(memory.context, memory.stride);
  }

  private void forward(Group group, int head, Floats keep, HeadMemory memory) {
    int padded = Lanes.padded(width);
    int queries = Lanes.padded(group.queryTime);
    int stride = memory.stride;
    int at = (head - group.first) * padded;
    float[] p = memory.probabilities;
    HeadRows.transpose(memory.query, at, memory.starts, group.queryTime, width, memory.transposed);
    SmallProduct.multiply(group.keyTime, queries, width, memory.key, at, stride, 1, memory.transposed, 0, queries, p, 0, queries);
    SoftmaxColumns.softmax(p, group.keyTime, queries, masking, scale);
    if (keep != null) {
      HeadRows.store(p, 0, keep.bytes(), kept(group, head), group.keyTime * queries);
    }
    drop(p, p, memory, group, head);
    SmallProduct.multiply(group.queryTime, padded, group.keyTime, p, 0, 1, queries, memory.value, at, stride, memory.context, at, stride);
  }

  /** Some heads of one sentence; writes the gradients of query, key and value. */
  void backward(int part, Matrix q, Matrix k, Matrix v, Floats kept, Matrix contextGradient, Matrix dq, Matrix dk, Matrix dv) {
    Group group = new Group(part);
    HeadMemory memory = memory(group);
    group.ofQuery(q).load(memory.query, memory.stride);
    group.ofMemory(k).load(memory.key, memory.stride);
    group.ofMemory(v).load(memory.value, memory.stride);
    group.ofQuery(contextGradient).load(memory.context, memory.stride);
    for (int head = group.first; head < group.end; head++) {
      backward(group, head, kept, memory);
    }
    group.ofQuery(dq).store(memory.context, memory.stride);
    group.ofMemory(dk).store(memory.key, memory.stride);
    group.ofMemory(dv).store(memory.value, memory.stride);
  }

  /** The gradient of the query takes the place of the context's, those of key and value take their places. */
  private void backward(Group group, int head, Floats kept, HeadMemory memory) {
    int queryTime = group.queryTime;
    int keyTime = group.keyTime;
    int padded = Lanes.padded(width);
    int queries = Lanes.padded(queryTime);
    int stride = memory.stride;
    int at = (head - group.first) * padded;
    float[] p = memory.probabilities;
    float[] scores = memory.scores;
    HeadRows.load(kept.bytes(), kept(group, head), keyTime * queries, p, 0);
    drop(p, memory.dropped, memory, group, head);
    float[] dropped = masks.applies() ? memory.dropped : p;
    // dP = dO V^T
    HeadRows.transpose(memory.context, at, memory.starts, queryTime, width, memory.transposed);
    SmallProduct.multiply(keyTime, queries, width, memory.value, at, stride, 1, memory.transposed, 0, queries, scores, 0, queries);
    drop(scores, scores, memory, group, head);
    SoftmaxColumns.backward(scores, p, keyTime, queries, scale);
    // dV = dropped^T dO, dQ = dS K, dK = dS^T Q
    SmallProduct.multiply(keyTime, padded, queryTime, dropped, 0, queries, 1, memory.context, at, stride, memory.value, at, stride);
    SmallProduct.multiply(queryTime, padded, keyTime, scores, 0, 1, queries, memory.key, at, stride, memory.context, at, stride);
    SmallProduct.multiply(keyTime, padded, queryTime, scores, 0, queries, 1, memory.query, at, stride, memory.key, at, stride);
  }

  /** The calling thread's, with room for the group, and dropout's keys of its queries. */
  private HeadMemory memory(Group group) {
    HeadMemory memory = HeadMemory.ofThread().reserve(group.queryTime, group.keyTime, width, together);
    for (int i = 0; masks.applies() && i < group.queryTime; i++) {
      memory.keys[i] = masks.key(querySegments.start(group.sentence) + i);
    }
    return memory;
  }

  private void drop(float[] x, float[] y, HeadMemory memory, Group group, int head) {
    if (!masks.applies()) {
      return;
    }
    SoftmaxColumns.drop(x, y, group.keyTime, Lanes.padded(group.queryTime), memory.keys, AttentionDropout.element(head, 0),
        masks.threshold(), masks.scaleBits());
  }

  private int kept(Group group, int head) {
    return places[group.sentence] + head * group.keyTime * Lanes.padded(group.queryTime);
  }

  /** Some heads of one sentence: those from {@code first} to before {@code end}. */
  private final class Group {
    private final int sentence;
    private final int first;
    private final int end;
    private final int queryTime;
    private final int keyTime;

    Group(int part) {
      sentence = part / groups;
      first = part % groups * together;
      end = Math.min(heads, first + together);
      queryTime = querySegments.length(sentence);
      keyTime = memorySegments.length(sentence);
    }

    HeadRows ofQuery(Matrix rows) {
      return of(rows, querySegments);
    }

    HeadRows ofMemory(Matrix rows) {
      return of(rows, memorySegments);
    }

    private HeadRows of(Matrix rows, Segments segments) {
      return new HeadRows(rows.rows(segments.start(sentence), segments.start(sentence + 1)).columns(first * width, end * width), width);
    }
  }
}
