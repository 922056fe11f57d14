package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.AttentionDropout;
import io.sparkformer.model.kernel.Masking;
import io.sparkformer.model.kernel.Segments;

/**
 * Scaled dot-product attention over packed rows, sentence by sentence and head by head, without padding: the paper, equation 1. The
 * products of one head of one sentence are so small that they stay in a core's cache from the first to the last.
 */
final class AttentionHeads {
  private final int heads;
  private final int width;
  private final Masking masking;
  private final float scale;
  private final Segments querySegments;
  private final Segments memorySegments;
  private final Masks masks;
  /** Where the kept probabilities of each sentence begin; those of one head are {@code [query_time, padded(key_time)]}. */
  private final int[] places;

  AttentionHeads(int heads, int width, Masking masking, Segments querySegments, Segments memorySegments, Masks masks) {
    this.heads = heads;
    this.width = width;
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
      int elements = Math.multiplyExact(heads, Math.multiplyExact(querySegments.length(s), Lanes.padded(memorySegments.length(s))));
      places[s + 1] = Math.addExact(places[s], elements);
    }
  }

  /** Parts of the loop over sentences and heads. */
  int parts() {
    return querySegments.sentences() * heads;
  }

  /** Elements of the probabilities that a backward pass needs. */
  int probabilities() {
    return places[places.length - 1];
  }

  /**
   * One head of one sentence.
   *
   * @param keep where the probabilities before dropout are kept; null in inference
   * @param context {@code [query tokens, d_model]}: the result
   */
  void forward(int part, Matrix q, Matrix k, Matrix v, Floats keep, Matrix context) {
    int sentence = part / heads;
    int head = part % heads;
    int queryTime = querySegments.length(sentence);
    int keyTime = memorySegments.length(sentence);
    HeadMemory memory = HeadMemory.ofThread().reserve(queryTime, keyTime, width);
    int padded = Lanes.padded(width);
    int keys = Lanes.padded(keyTime);
    HeadRows.load(ofQuery(q, part), memory.query);
    HeadRows.loadTransposed(ofMemory(k, part), memory.key, keys);
    HeadRows.load(ofMemory(v, part), memory.value);
    float[] p = memory.probabilities;
    SmallProduct.multiply(queryTime, keys, width, memory.query, padded, 1, memory.key, keys, p, keys);
    for (int i = 0; i < queryTime; i++) {
      int visible = masking == Masking.CAUSAL ? Math.min(i + 1, keyTime) : keyTime;
      SoftmaxRows.softmax(p, i * keys, visible, keys, scale, memory.lanes);
    }
    if (keep != null) {
      HeadRows.store(p, 0, keep.bytes(), kept(sentence, head), queryTime * keys);
    }
    drop(p, p, sentence, head, queryTime, keys);
    SmallProduct.multiply(queryTime, padded, keyTime, p, keys, 1, memory.value, padded, memory.context, padded);
    HeadRows.store(memory.context, ofQuery(context, part));
  }

  /** One head of one sentence; writes the gradients of query, key and value. */
  void backward(int part, Matrix q, Matrix k, Matrix v, Floats kept, Matrix contextGradient, Matrix dq, Matrix dk, Matrix dv) {
    int sentence = part / heads;
    int head = part % heads;
    int queryTime = querySegments.length(sentence);
    int keyTime = memorySegments.length(sentence);
    HeadMemory memory = HeadMemory.ofThread().reserve(queryTime, keyTime, width);
    int padded = Lanes.padded(width);
    int keys = Lanes.padded(keyTime);
    float[] p = memory.probabilities;
    float[] scores = memory.scores;
    HeadRows.load(kept.bytes(), kept(sentence, head), queryTime * keys, p, 0);
    drop(p, memory.dropped, sentence, head, queryTime, keys);
    float[] dropped = masks.applies() ? memory.dropped : p;
    HeadRows.load(ofQuery(contextGradient, part), memory.context);

    // dV = dropped^T dO
    SmallProduct.multiply(keyTime, padded, queryTime, dropped, 1, keys, memory.context, padded, memory.value, padded);
    HeadRows.store(memory.value, ofMemory(dv, part));
    // dP = dO V^T
    HeadRows.loadTransposed(ofMemory(v, part), memory.key, keys);
    SmallProduct.multiply(queryTime, keys, width, memory.context, padded, 1, memory.key, keys, scores, keys);
    drop(scores, scores, sentence, head, queryTime, keys);
    for (int i = 0; i < queryTime; i++) {
      SoftmaxRows.backward(scores, p, i * keys, keys, scale, memory.lanes);
    }
    // dQ = dS K, dK = dS^T Q
    HeadRows.load(ofMemory(k, part), memory.value);
    SmallProduct.multiply(queryTime, padded, keyTime, scores, keys, 1, memory.value, padded, memory.context, padded);
    HeadRows.store(memory.context, ofQuery(dq, part));
    HeadRows.load(ofQuery(q, part), memory.query);
    SmallProduct.multiply(keyTime, padded, queryTime, scores, 1, keys, memory.query, padded, memory.value, padded);
    HeadRows.store(memory.value, ofMemory(dk, part));
  }

  private void drop(float[] x, float[] y, int sentence, int head, int queryTime, int keys) {
    if (masks.applies()) {
      for (int i = 0; i < queryTime; i++) {
        SoftmaxRows.drop(x, y, i * keys, keys, masks.key(querySegments.start(sentence) + i), AttentionDropout.element(head, 0),
            masks.threshold(), masks.scaleBits());
      }
    }
  }

  private int kept(int sentence, int head) {
    return places[sentence] + head * querySegments.length(sentence) * Lanes.padded(memorySegments.length(sentence));
  }

  private Matrix ofQuery(Matrix rows, int part) {
    return head(rows, querySegments, part);
  }

  private Matrix ofMemory(Matrix rows, int part) {
    return head(rows, memorySegments, part);
  }

  private Matrix head(Matrix rows, Segments segments, int part) {
    int sentence = part / heads;
    int head = part % heads;
    return rows.rows(segments.start(sentence), segments.start(sentence + 1)).columns(head * width, (head + 1) * width);
  }
}
