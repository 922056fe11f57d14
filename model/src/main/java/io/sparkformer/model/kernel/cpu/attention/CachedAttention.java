package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.rows.Lanes;

/**
 * Attention of the tokens of every row of a decoding batch to the keys and values that the row has cached. The query heads that share a
 * head of keys, of one token or some tokens of a prompt, are the rows of one product.
 */
final class CachedAttention {
  /** Queries of a part, about. */
  private static final int QUERIES = 16;
  /** With fewer blocks of tokens, each head of a block is a part of its own. */
  private static final int FEW_BLOCKS = 32;

  private final AttentionConfig config;
  private final CpuKeyValueCache cache;
  private final Matrix q;
  private final Segments segments;
  private final int[] positions;
  private final DistanceBias bias;
  private final Matrix context;
  /** Most tokens of a block. */
  private final int together;
  /** Number of the first block of each row. */
  private final int[] firstBlocks;
  private final int headsOfPart;

  /**
   * @param positions of the tokens; null in cross-attention
   * @param bias null for none
   * @param context {@code [tokens, heads * head_width]}: the result
   */
  CachedAttention(AttentionConfig config, CpuKeyValueCache cache, Matrix q, Segments segments, int[] positions, DistanceBias bias,
      Matrix context) {
    this.config = config;
    this.cache = cache;
    this.q = q;
    this.segments = segments;
    this.positions = positions;
    this.bias = bias;
    this.context = context;
    this.together = Math.max(1, QUERIES / config.group());
    firstBlocks = new int[segments.sentences() + 1];
    for (int i = 0; i < segments.sentences(); i++) {
      firstBlocks[i + 1] = firstBlocks[i] + (segments.length(i) + together - 1) / together;
    }
    headsOfPart = blocks() < FEW_BLOCKS ? 1 : config.keyValueHeads();
  }

  private int blocks() {
    return firstBlocks[firstBlocks.length - 1];
  }

  int parts() {
    return blocks() * (config.keyValueHeads() / headsOfPart);
  }

  /** Some tokens of a row, and some heads of keys. */
  void run(int part) {
    int block = part % blocks();
    int row = AttentionTiles.last(firstBlocks, block);
    int from = segments.start(row) + (block - firstBlocks[row]) * together;
    int to = Math.min(segments.start(row + 1), from + together);
    int firstHead = part / blocks() * headsOfPart;
    for (int head = firstHead; head < firstHead + headsOfPart; head++) {
      attend(cache.row(row), head, from, to);
    }
  }

  private void attend(CpuKeyValueCache.Row row, int keyHead, int from, int to) {
    int width = config.headWidth();
    int padded = Lanes.padded(width);
    int queries = (to - from) * config.group();
    // Keys that any of the tokens sees.
    int first = Lanes.whole(firstKey(row, from));
    int end = endKey(row, to - 1);
    int keys = Lanes.padded(end - first);
    HeadMemory memory = HeadMemory.ofThread().reserveRows(queries, keys, width);
    copy(q, from, to, keyHead, memory, Way.LOAD);
    SmallProduct.multiply(queries, keys, width, memory.query, 0, memory.queryStride, 1, row.keys(keyHead), first, row.capacity(),
        memory.scores, 0, keys);
    for (int i = 0; i < queries; i++) {
      softmax(row, from + i / config.group(), keyHead * config.group() + i % config.group(), first, memory, i * keys, keys);
    }
    SmallProduct.multiply(queries, padded, end - first, memory.scores, 0, keys, 1, row.values(keyHead), first * padded, padded,
        memory.context, 0, memory.queryStride);
    copy(context, from, to, keyHead, memory, Way.STORE);
  }

  private void softmax(CpuKeyValueCache.Row row, int token, int head, int first, HeadMemory memory, int at, int keys) {
    int from = firstKey(row, token) - first;
    int end = endKey(row, token) - first;
    if (bias != null) {
      int begin = Lanes.whole(from);
      bias.addToRow(memory.scores, at + begin, Lanes.padded(end) - begin, (float) config.scale(), head,
          row.first() + first + begin - positions[token]);
    }
    SoftmaxRows.softmax(memory.scores, at, from, end, keys, bias == null ? (float) config.scale() : 1, memory.lanes);
  }

  /** Place in the row of the first key that a token sees. */
  private int firstKey(CpuKeyValueCache.Row row, int token) {
    return config.window() == 0 ? 0 : Math.max(0, positions[token] - config.window() + 1 - row.first());
  }

  /** Place in the row behind the last key that a token sees. */
  private int endKey(CpuKeyValueCache.Row row, int token) {
    return (config.masking() == Masking.CAUSAL ? positions[token] + 1 : row.end()) - row.first();
  }

  private enum Way {
    LOAD,
    STORE
  }

  /** Between rows of tokens and rows of single heads. */
  private void copy(Matrix tokens, int from, int to, int keyHead, HeadMemory memory, Way way) {
    int width = config.headWidth();
    for (int i = 0; i < (to - from) * config.group(); i++) {
      int place = tokens.place(from + i / config.group(), (keyHead * config.group() + i % config.group()) * width);
      if (way == Way.LOAD) {
        HeadRows.load(tokens.bytes(), place, width, memory.query, i * memory.queryStride);
      } else {
        HeadRows.store(memory.context, i * memory.queryStride, tokens.bytes(), place, width);
      }
    }
  }
}
