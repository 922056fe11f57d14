package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.util.Arrays;

/**
 * Attention of the tokens of every row of a decoding batch to the keys and values that the row has cached, page by page. The query heads
 * that share a head of keys are queries of one product, for some tokens at once: tokens of a prompt, and in cross-attention those of all
 * hypotheses of a sentence.
 */
final class CachedAttention {
  /** Queries of a part, about. */
  private static final int QUERIES = 16;
  /** With fewer blocks of tokens, each head of a block is a part of its own. */
  private static final int FEW_BLOCKS = 32;

  private final AttentionConfig config;
  private final CachePage layout;
  private final CpuKeyValueCache cache;
  private final Matrix q;
  private final Segments segments;
  private final int[] positions;
  private final DistanceBias bias;
  private final Matrix context;
  /** Most tokens of a block. */
  private final int together;
  /** First row of each run of rows that are the same, and behind them the number of rows. */
  private final int[] firstRows;
  /** Number of the first block of each run. */
  private final int[] firstBlocks;
  private final int headsOfPart;

  /**
   * @param positions of the tokens; null in cross-attention
   * @param bias null for none
   * @param context {@code [tokens, heads * head_width]}: the result
   */
  CachedAttention(AttentionConfig config, CachePage layout, CpuKeyValueCache cache, Matrix q, Segments segments, int[] positions,
      DistanceBias bias, Matrix context) {
    this.config = config;
    this.layout = layout;
    this.cache = cache;
    this.q = q;
    this.segments = segments;
    this.positions = positions;
    this.bias = bias;
    this.context = context;
    this.together = Math.max(1, QUERIES / config.group());
    int rows = segments.sentences();
    int[] starts = new int[rows + 1];
    int runs = 0;
    for (int i = 0; i < rows; i++) {
      if (i == 0 || cache.row(i) != cache.row(i - 1)) {
        starts[runs] = i;
        runs++;
      }
    }
    starts[runs] = rows;
    firstRows = Arrays.copyOf(starts, runs + 1);
    firstBlocks = new int[runs + 1];
    for (int run = 0; run < runs; run++) {
      int tokens = segments.start(firstRows[run + 1]) - segments.start(firstRows[run]);
      firstBlocks[run + 1] = firstBlocks[run] + (tokens + together - 1) / together;
    }
    headsOfPart = blocks() < FEW_BLOCKS ? 1 : config.keyValueHeads();
  }

  private int blocks() {
    return firstBlocks[firstBlocks.length - 1];
  }

  int parts() {
    return blocks() * (config.keyValueHeads() / headsOfPart);
  }

  /** Some tokens of a run of rows, and some heads of keys. */
  void run(int part) {
    int block = part % blocks();
    int run = AttentionTiles.last(firstBlocks, block);
    int from = segments.start(firstRows[run]) + (block - firstBlocks[run]) * together;
    int to = Math.min(segments.start(firstRows[run + 1]), from + together);
    int firstHead = part / blocks() * headsOfPart;
    for (int head = firstHead; head < firstHead + headsOfPart; head++) {
      attend(cache.row(firstRows[run]), head, from, to);
    }
  }

  private void attend(CpuKeyValueCache.Row row, int keyHead, int from, int to) {
    int queries = (to - from) * config.group();
    // Keys that any of the tokens sees, in whole pages; places count from the first of them.
    int start = row.first() + (firstKey(row, from) - row.first()) / CachePage.POSITIONS * CachePage.POSITIONS;
    int end = endKey(row, to - 1);
    int keys = (end - start + CachePage.POSITIONS - 1) / CachePage.POSITIONS * CachePage.POSITIONS;
    HeadMemory memory = HeadMemory.ofThread().reserveRows(queries, keys, config.headWidth());
    copy(q, from, to, keyHead, memory, Way.LOAD);
    for (int key = 0; key < keys; key += CachePage.POSITIONS) {
      layout.scores(row.page(start + key), keyHead, memory.query, queries, memory.queryStride, memory.scores, key, keys);
    }
    for (int i = 0; i < queries; i++) {
      int token = from + i / config.group();
      int first = firstKey(row, token) - start;
      int last = endKey(row, token) - start;
      softmax(token, keyHead * config.group() + i % config.group(), start, first, last, memory, i * keys, keys);
      Arrays.fill(memory.context, i * memory.queryStride, (i + 1) * memory.queryStride, 0);
      for (int key = first / CachePage.POSITIONS * CachePage.POSITIONS; key < last; key += CachePage.POSITIONS) {
        layout.addValues(row.page(start + key), keyHead, Math.max(0, first - key), Math.min(CachePage.POSITIONS, last - key),
            memory.scores, i * keys + key, memory.context, i * memory.queryStride);
      }
    }
    copy(context, from, to, keyHead, memory, Way.STORE);
  }

  /**
   * Probabilities of the places {@code [from, end)} of a query's scores.
   *
   * @param start position of the first place
   */
  private void softmax(int token, int head, int start, int from, int end, HeadMemory memory, int at, int keys) {
    if (bias != null) {
      int begin = Lanes.whole(from);
      bias.addToRow(memory.scores, at + begin, Lanes.padded(end) - begin, (float) config.scale(), head, start + begin - positions[token]);
    }
    SoftmaxRows.softmax(memory.scores, at, from, end, keys, bias == null ? (float) config.scale() : 1, memory.lanes);
  }

  /** Position of the first key that a token sees. */
  private int firstKey(CpuKeyValueCache.Row row, int token) {
    return config.window() == 0 ? row.first() : Math.max(row.first(), positions[token] - config.window() + 1);
  }

  /** Position behind the last key that a token sees. */
  private int endKey(CpuKeyValueCache.Row row, int token) {
    return config.masking() == Masking.CAUSAL ? positions[token] + 1 : row.end();
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
