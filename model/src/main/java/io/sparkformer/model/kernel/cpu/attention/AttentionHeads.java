package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.kernel.AttentionDropout;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.util.Arrays;

/**
 * The forward pass of scaled dot-product attention over packed rows, sentence by sentence and head by head, without padding: Vaswani et al.
 * 2017, equation 1, in tiles (Dao et al. 2022, algorithm 1). The products of a tile are so small that they stay in a core's cache from the
 * first to the last.
 *
 * <p>Scores and probabilities lie transposed, {@code [key_time, padded(query_time)]}: each lane of a vector is a query, so that the sums
 * and maxima of softmax, which run over keys, need no exchange between lanes.
 */
final class AttentionHeads {
  private final AttentionState state;
  private final AttentionTiles tiles;
  private final AttentionConfig config;
  private final int width;
  private final int padded;

  AttentionHeads(AttentionState state) {
    this.state = state;
    this.tiles = state.tiles();
    this.config = tiles.config();
    this.width = config.headWidth();
    this.padded = Lanes.padded(width);
  }

  /** Computes one of {@link AttentionTiles#parts()}: a tile of queries of some heads of a sentence. */
  void forward(int part) {
    new Part(part).run();
  }

  private final class Part {
    private final int sentence;
    private final int firstHead;
    private final int endHead;
    private final int from;
    private final int to;
    private final int queries;
    private final RowBlocks keyTiles;
    private final HeadMemory memory;

    Part(int part) {
      sentence = tiles.sentence(part);
      firstHead = tiles.group(part) * tiles.together();
      endHead = Math.min(config.heads(), firstHead + tiles.together());
      RowBlocks queryTiles = tiles.queryTiles(sentence);
      from = queryTiles.start(tiles.queryTile(part));
      to = queryTiles.end(tiles.queryTile(part));
      queries = Lanes.padded(to - from);
      keyTiles = tiles.keyTiles(sentence);
      memory = HeadMemory.ofThread().reserve(to - from, Math.min(AttentionTiles.KEYS, keyTiles.rows()), width, tiles.together(),
          tiles.keyHeads());
    }

    void run() {
      state.ofQueries(state.q(), sentence, from, to, firstHead, endHead).load(memory.query, memory.queryStride);
      state.dropoutKeys(sentence, from, to, memory.keys);
      int heads = endHead - firstHead;
      for (int head = 0; head < heads; head++) {
        HeadRows.transpose(memory.query, head * padded, memory.starts, to - from, width, memory.transposed, head * width * queries);
      }
      Arrays.fill(memory.largest, 0, heads * queries, SoftmaxColumns.LOWEST);
      Arrays.fill(memory.sums, 0, heads * queries, 0);
      SmallProduct.Sum sum = SmallProduct.Sum.NEW;
      for (int tile = 0; tile < keyTiles.count(); tile++) {
        if (tiles.isVisible(from, to, keyTiles.start(tile), keyTiles.end(tile))) {
          keys(keyTiles.start(tile), keyTiles.end(tile), sum);
          sum = SmallProduct.Sum.ADDED;
        }
      }
      if (sum == SmallProduct.Sum.NEW) {
        Arrays.fill(memory.context, 0, (to - from) * memory.queryStride, 0);
      }
      finish();
    }

    /** A tile of keys. */
    private void keys(int firstKey, int endKey, SmallProduct.Sum sum) {
      int firstKeyHead = firstHead / config.group();
      int endKeyHead = (endHead - 1) / config.group() + 1;
      state.ofKeys(state.k(), sentence, firstKey, endKey, firstKeyHead, endKeyHead).load(memory.key, memory.keyStride);
      state.ofKeys(state.v(), sentence, firstKey, endKey, firstKeyHead, endKeyHead).load(memory.value, memory.keyStride);
      Band band = Band.of(config, from, firstKey);
      for (int head = firstHead; head < endHead; head++) {
        keys(head, head / config.group() - firstKeyHead, firstKey, endKey - firstKey, band, sum);
      }
    }

    private void keys(int head, int keyHead, int firstKey, int keys, Band band, SmallProduct.Sum sum) {
      int group = head - firstHead;
      int at = group * padded;
      int keyAt = keyHead * padded;
      int stride = memory.queryStride;
      int keyStride = memory.keyStride;
      float[] p = memory.scores;
      SmallProduct.multiplyVisible(band, keys, queries, width, memory.key, keyAt, keyStride, 1, memory.transposed,
          group * width * queries, queries, p, 0, queries);
      if (state.bias() != null) {
        state.bias().add(p, keys, queries, band, (float) config.scale(), head, from - firstKey);
      }
      SoftmaxColumns.exponentials(p, keys, queries, band, state.scale(), group * queries, memory.largest, memory.sums, memory.factors);
      if (sum == SmallProduct.Sum.ADDED) {
        scaleContext(at, group * queries, memory.factors);
      }
      if (state.masks().applies()) {
        SoftmaxColumns.drop(p, keys, queries, band, memory.keys, AttentionDropout.element(head, firstKey), state.masks().threshold(),
            state.masks().scaleBits());
      }
      SmallProduct.multiply(band.transposed(), sum, to - from, padded, keys, p, 0, 1, queries, memory.value, keyAt, keyStride,
          memory.context, at, stride);
    }

    private void scaleContext(int at, int factorsAt, float[] factors) {
      for (int i = 0; i < to - from; i++) {
        HeadRows.multiply(memory.context, i * memory.queryStride + at, padded, factors[factorsAt + i]);
      }
    }

    /** Divides by the sums. */
    private void finish() {
      for (int head = firstHead; head < endHead; head++) {
        int at = (head - firstHead) * queries;
        for (int i = at; i < at + queries; i++) {
          memory.sums[i] = memory.sums[i] == 0 ? 0 : 1 / memory.sums[i];
        }
        scaleContext((head - firstHead) * padded, at, memory.sums);
        if (state.largest() != null) {
          int row = tiles.queries().start(sentence) + from;
          HeadRows.store(memory.largest, at, state.largest().bytes(), state.largest().place(head, row), to - from);
          HeadRows.store(memory.sums, at, state.inverse().bytes(), state.inverse().place(head, row), to - from);
        }
      }
      state.ofQueries(state.context(), sentence, from, to, firstHead, endHead).store(memory.context, memory.queryStride);
    }
  }
}
