package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;

/**
 * How the attention of a batch is cut: into sentences, groups of heads, and tiles of queries and keys, which stay in a core's cache. Sizes
 * alone say how, never the number of threads, and how a sentence's queries and keys are cut does not depend on other sentences.
 */
final class AttentionTiles {
  /** Most queries of a tile. */
  static final int QUERIES = 128;
  /** Most keys of a tile. */
  static final int KEYS = 256;
  /** Tiles begin at multiples of this. */
  private static final int UNIT = 16;
  /** Most columns of rows that are copied together: a copy of a few costs nearly as much as one of many. */
  private static final int COLUMNS_TOGETHER = 512;
  /** Of longer sentences fewer, about so many elements in all, so that they stay in a core's cache. */
  private static final int ELEMENTS_TOGETHER = 1 << 15;

  private final AttentionConfig config;
  private final Segments queries;
  private final Segments memory;
  private final int together;
  /** Number of the first part of each sentence in the forward pass. */
  private final int[] firstParts;

  AttentionTiles(AttentionConfig config, Segments queries, Segments memory) {
    if (queries.sentences() != memory.sentences()) {
      throw new IllegalArgumentException("Queries and memory must be of the same sentences: queries of %d, memory of %d"
          .formatted(queries.sentences(), memory.sentences()));
    }
    this.config = config;
    this.queries = queries;
    this.memory = memory;
    this.together = together(config, Math.max(queries.longest(), memory.longest()));
    firstParts = new int[queries.sentences() + 1];
    for (int s = 0; s < queries.sentences(); s++) {
      firstParts[s + 1] = firstParts[s] + groups() * queryTiles(s).count();
    }
  }

  /** Whole heads of keys and values with all of their query heads, or a part of the query heads of one. */
  private static int together(AttentionConfig config, int longest) {
    int columns = Math.min(COLUMNS_TOGETHER, ELEMENTS_TOGETHER / Math.max(1, longest));
    int group = config.group();
    int most = Math.max(1, columns / config.headWidth());
    if (group <= most) {
      return Math.min(config.heads(), most / group * group);
    }
    int together = Math.min(group, Math.max(1, COLUMNS_TOGETHER / 2 / config.headWidth()));
    while (group % together != 0) {
      together--;
    }
    return together;
  }

  AttentionConfig config() {
    return config;
  }

  Segments queries() {
    return queries;
  }

  Segments memory() {
    return memory;
  }

  /** Query heads of a group. */
  int together() {
    return together;
  }

  /** Groups of query heads. */
  int groups() {
    return (config.heads() + together - 1) / together;
  }

  /** Groups of query heads that read the same head of keys and values. */
  int shares() {
    return Math.max(1, config.group() / together);
  }

  /** Heads of keys and values that a group reads. */
  int keyHeads() {
    return Math.max(1, together / config.group());
  }

  RowBlocks queryTiles(int sentence) {
    return RowBlocks.of(queries.length(sentence), QUERIES, UNIT);
  }

  RowBlocks keyTiles(int sentence) {
    return RowBlocks.of(memory.length(sentence), KEYS, UNIT);
  }

  /** Parts of the forward pass: the tiles of queries of all groups of all sentences. */
  int parts() {
    return firstParts[firstParts.length - 1];
  }

  /** The sentence of a part of the forward pass. */
  int sentence(int part) {
    return last(firstParts, part);
  }

  /** The last place of rising numbers, but for the very last, that holds at most {@code number}. */
  static int last(int[] rising, int number) {
    int low = 0;
    int high = rising.length - 2;
    while (low < high) {
      int middle = (low + high + 1) / 2;
      if (rising[middle] <= number) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** The group of a part of the forward pass. */
  int group(int part) {
    return (part - firstParts[sentence(part)]) % groups();
  }

  /** The tile of queries of a part of the forward pass: the last ones, which see most, come first. */
  int queryTile(int part) {
    int sentence = sentence(part);
    return queryTiles(sentence).count() - 1 - (part - firstParts[sentence]) / groups();
  }

  /** Whether any of the queries {@code [firstQuery, queryEnd)} sees any of the keys {@code [firstKey, keyEnd)}. */
  boolean isVisible(int firstQuery, int queryEnd, int firstKey, int keyEnd) {
    return config.masking() == Masking.NONE
        || firstKey < queryEnd && (config.window() == 0 || keyEnd > firstQuery - config.window() + 1);
  }
}
