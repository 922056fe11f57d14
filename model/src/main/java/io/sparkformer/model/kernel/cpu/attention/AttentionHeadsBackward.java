package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.kernel.AttentionDropout;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.util.Arrays;

/**
 * The backward pass of {@link AttentionHeads}: the probabilities of a tile are computed again (Dao et al. 2022, algorithm 4). A part goes
 * through all tiles of some heads of one sentence, so that all sums are added in the same order whichever thread runs it.
 */
final class AttentionHeadsBackward {
  private final AttentionState state;
  private final AttentionTiles tiles;
  private final AttentionConfig config;
  private final Matrix contextGradient;
  private final Matrix dq;
  private final Matrix dk;
  private final Matrix dv;
  private final DistanceBias.Gradient biasGradient;
  private final int width;
  private final int padded;

  /**
   * @param contextGradient {@code [query tokens, heads * head_width]}
   * @param dq like {@code contextGradient}: the gradient of the queries
   * @param dk {@code [memory tokens, shares * key_value_heads * head_width]}: the gradient of the keys, a sum of {@link
   *     AttentionTiles#shares()} matrices
   * @param dv the same of the values
   * @param biasGradient null where {@link AttentionState#bias} is not learned
   */
  AttentionHeadsBackward(AttentionState state, Matrix contextGradient, Matrix dq, Matrix dk, Matrix dv,
      DistanceBias.Gradient biasGradient) {
    this.state = state;
    this.tiles = state.tiles();
    this.config = tiles.config();
    this.contextGradient = contextGradient;
    this.dq = dq;
    this.dk = dk;
    this.dv = dv;
    this.biasGradient = biasGradient;
    this.width = config.headWidth();
    this.padded = Lanes.padded(width);
  }

  int parts() {
    return tiles.queries().sentences() * tiles.groups();
  }

  void backward(int part) {
    new Part(part).run();
  }

  private final class Part {
    private final int sentence;
    private final int group;
    private final int firstHead;
    private final int endHead;
    private final int firstKeyHead;
    private final int endKeyHead;
    private final int queryTime;
    private final RowBlocks queryTiles;
    private final RowBlocks keyTiles;
    private final HeadMemory memory;
    private final float[] distances;

    Part(int part) {
      sentence = part / tiles.groups();
      group = part % tiles.groups();
      firstHead = group * tiles.together();
      endHead = Math.min(config.heads(), firstHead + tiles.together());
      firstKeyHead = firstHead / config.group();
      endKeyHead = (endHead - 1) / config.group() + 1;
      queryTime = tiles.queries().length(sentence);
      queryTiles = tiles.queryTiles(sentence);
      keyTiles = tiles.keyTiles(sentence);
      memory = HeadMemory.ofThread().reserveBackward(Math.min(AttentionTiles.QUERIES, queryTime),
          Math.min(AttentionTiles.KEYS, keyTiles.rows()), width, tiles.together(), tiles.keyHeads(), queryTime);
      distances = biasGradient == null ? null : memory.clearedDistances(endHead - firstHead, state.bias().count());
    }

    void run() {
      if (keyTiles.count() > 1) {
        means();
      }
      boolean[] begun = new boolean[queryTiles.count()];
      for (int tile = 0; tile < keyTiles.count(); tile++) {
        keys(keyTiles.start(tile), keyTiles.end(tile), begun);
      }
      for (int tile = 0; tile < begun.length; tile++) {
        if (!begun[tile]) {
          state.ofQueries(dq, sentence, queryTiles.start(tile), queryTiles.end(tile), firstHead, endHead).clear();
        }
      }
      for (int head = firstHead; biasGradient != null && head < endHead; head++) {
        biasGradient.keep(sentence, head, distances, (head - firstHead) * state.bias().count());
      }
    }

    /**
     * For each query and head, {@code sum(p * gradient of p)} over all of its keys, before the first tile of them: the product of its
     * context and that's gradient. A tile that has all keys makes the sum itself, and the context need not be read.
     */
    private void means() {
      int start = tiles.queries().start(sentence);
      for (int head = firstHead; head < endHead; head++) {
        int at = (head - firstHead) * Lanes.padded(queryTime);
        for (int first = 0; first < queryTime; first += Lanes.COUNT) {
          int from = start + first;
          int to = start + Math.min(queryTime, first + Lanes.COUNT);
          HeadRows.dots(contextGradient.rows(from, to).columns(head * width, (head + 1) * width),
              state.context().rows(from, to).columns(head * width, (head + 1) * width), memory.products, memory.means, at + first);
        }
      }
    }

    /** A tile of keys. */
    private void keys(int firstKey, int endKey, boolean[] begun) {
      state.ofKeys(state.k(), sentence, firstKey, endKey, firstKeyHead, endKeyHead).load(memory.key, memory.keyStride);
      state.ofKeys(state.v(), sentence, firstKey, endKey, firstKeyHead, endKeyHead).load(memory.value, memory.keyStride);
      SmallProduct.Sum sum = SmallProduct.Sum.NEW;
      for (int tile = 0; tile < queryTiles.count(); tile++) {
        if (tiles.isVisible(queryTiles.start(tile), queryTiles.end(tile), firstKey, endKey)) {
          queries(queryTiles.start(tile), queryTiles.end(tile), firstKey, endKey - firstKey, sum);
          HeadRows gradient = state.ofQueries(dq, sentence, queryTiles.start(tile), queryTiles.end(tile), firstHead, endHead);
          if (begun[tile]) {
            gradient.add(memory.context, memory.queryStride);
          } else {
            gradient.store(memory.context, memory.queryStride);
          }
          begun[tile] = true;
          sum = SmallProduct.Sum.ADDED;
        }
      }
      if (sum == SmallProduct.Sum.NEW) {
        Arrays.fill(memory.keyGradient, 0, (endKey - firstKey) * memory.keyStride, 0);
        Arrays.fill(memory.valueGradient, 0, (endKey - firstKey) * memory.keyStride, 0);
      }
      // Groups that share a head of keys each have a matrix of their own.
      int share = group % tiles.shares() * config.keyValueHeads();
      state.ofKeys(dk, sentence, firstKey, endKey, share + firstKeyHead, share + endKeyHead).store(memory.keyGradient, memory.keyStride);
      state.ofKeys(dv, sentence, firstKey, endKey, share + firstKeyHead, share + endKeyHead).store(memory.valueGradient, memory.keyStride);
    }

    /** A tile of queries with the tile of keys; {@code sum} is what becomes of the gradients of keys and values so far. */
    private void queries(int from, int to, int firstKey, int keys, SmallProduct.Sum sum) {
      state.ofQueries(state.q(), sentence, from, to, firstHead, endHead).load(memory.query, memory.queryStride);
      state.ofQueries(contextGradient, sentence, from, to, firstHead, endHead).load(memory.context, memory.queryStride);
      state.dropoutKeys(sentence, from, to, memory.keys);
      Band band = Band.of(config, from, firstKey);
      for (int head = firstHead; head < endHead; head++) {
        boolean isFirst = head == firstHead || head % config.group() == 0;
        queries(head, from, to - from, firstKey, keys, band, isFirst ? sum : SmallProduct.Sum.ADDED);
      }
    }

    /** The gradient of the queries takes the place of the context's. */
    private void queries(int head, int from, int queryCount, int firstKey, int keys, Band band, SmallProduct.Sum sum) {
      int queries = Lanes.padded(queryCount);
      int at = (head - firstHead) * padded;
      int keyAt = (head / config.group() - firstKeyHead) * padded;
      int stride = memory.queryStride;
      int keyStride = memory.keyStride;
      float[] p = memory.probabilities;
      float[] scores = memory.scores;
      probabilities(head, from, queryCount, firstKey, keys, band);
      // dP = V dO^T
      HeadRows.transpose(memory.context, at, memory.starts, queryCount, width, memory.contextTransposed, 0);
      SmallProduct.multiplyVisible(band, keys, queries, width, memory.value, keyAt, keyStride, 1, memory.contextTransposed, 0, queries,
          scores, 0, queries);
      scoreGradient(head, from, queries, firstKey, keys, band);
      // dV = P dO, dQ = dS^T K, dK = dS Q
      SmallProduct.multiply(band, sum, keys, padded, queryCount, p, 0, queries, 1, memory.context, at, stride, memory.valueGradient, keyAt,
          keyStride);
      SmallProduct.multiply(band.transposed(), SmallProduct.Sum.NEW, queryCount, padded, keys, scores, 0, 1, queries, memory.key, keyAt,
          keyStride, memory.context, at, stride);
      SmallProduct.multiply(band, sum, keys, padded, queryCount, scores, 0, queries, 1, memory.query, at, stride, memory.keyGradient,
          keyAt, keyStride);
    }

    private void probabilities(int head, int from, int queryCount, int firstKey, int keys, Band band) {
      int queries = Lanes.padded(queryCount);
      int at = (head - firstHead) * padded;
      int keyAt = (head / config.group() - firstKeyHead) * padded;
      HeadRows.transpose(memory.query, at, memory.starts, queryCount, width, memory.transposed, 0);
      SmallProduct.multiplyVisible(band, keys, queries, width, memory.key, keyAt, memory.keyStride, 1, memory.transposed, 0, queries,
          memory.probabilities, 0, queries);
      if (state.bias() != null) {
        state.bias().add(memory.probabilities, keys, queries, band, (float) config.scale(), head, from - firstKey);
      }
      int row = tiles.queries().start(sentence) + from;
      HeadRows.load(state.largest().bytes(), state.largest().place(head, row), queryCount, memory.largest, 0);
      HeadRows.load(state.inverse().bytes(), state.inverse().place(head, row), queryCount, memory.sums, 0);
      Arrays.fill(memory.largest, queryCount, queries, 0);
      Arrays.fill(memory.sums, queryCount, queries, 0);
      SoftmaxColumns.probabilities(memory.probabilities, keys, queries, band, state.scale(), 0, memory.largest, memory.sums);
    }

    /** From the gradient of the probabilities, in the scores' place; the probabilities become those after dropout. */
    private void scoreGradient(int head, int from, int queries, int firstKey, int keys, Band band) {
      int at = (head - firstHead) * Lanes.padded(queryTime) + from;
      float scale = biasGradient == null ? (float) config.scale() : 1;
      boolean hasAllKeys = keyTiles.count() == 1;
      if (state.masks().applies()) {
        int element = AttentionDropout.element(head, firstKey);
        int threshold = state.masks().threshold();
        int scaleBits = state.masks().scaleBits();
        if (hasAllKeys) {
          SoftmaxColumns.meansDropped(memory.scores, memory.probabilities, keys, queries, band, at, memory.means, memory.keys, element,
              threshold, scaleBits);
        }
        SoftmaxColumns.backwardDropped(memory.scores, memory.probabilities, keys, queries, band, scale, at, memory.means, memory.keys,
            element, threshold, scaleBits);
      } else {
        if (hasAllKeys) {
          SoftmaxColumns.means(memory.scores, memory.probabilities, keys, queries, band, at, memory.means);
        }
        SoftmaxColumns.backward(memory.scores, memory.probabilities, keys, queries, band, scale, at, memory.means);
      }
      if (biasGradient != null) {
        state.bias().sum(memory.scores, keys, queries, band, (float) config.scale(), from - firstKey, distances,
            (head - firstHead) * state.bias().count());
      }
    }
  }
}
