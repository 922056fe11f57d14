package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.Masking;

/**
 * The visible elements of a tile of keys and queries: column {@code j} of row {@code i} is visible where {@code low <= j - i <= high}. They
 * form a band along a diagonal, or are all. Rows are taken in blocks of {@link #ROWS}: what is computed of a tile is, for each block, the
 * columns that any of its rows sees.
 */
record Band(int low, int high) {
  static final int ROWS = 8;
  /** More than the length of any sequence. */
  private static final int FAR = 1 << 29;
  /** Everything is visible. */
  static final Band ALL = new Band(-FAR, FAR);

  /** Of a tile whose rows are the keys from {@code firstKey} on, and whose columns are the queries from {@code firstQuery} on. */
  static Band of(AttentionConfig config, int firstQuery, int firstKey) {
    if (config.masking() == Masking.NONE) {
      return ALL;
    }
    int low = firstKey - firstQuery;
    return new Band(low, config.window() == 0 ? FAR : low + config.window() - 1);
  }

  /** The same elements, where rows are columns and columns are rows. */
  Band transposed() {
    return new Band(-high, -low);
  }

  /** The first column that a row of the block of row {@code row} sees. */
  int from(int row) {
    return Math.max(0, row / ROWS * ROWS + low);
  }

  /** The column behind the last, of {@code columns}, that a row of the block of row {@code row} sees. */
  int to(int row, int columns) {
    return Math.max(0, Math.min(columns, row / ROWS * ROWS + ROWS + high));
  }

  /** The first row of the first block that sees one of the columns from {@code column} on. */
  int firstRow(int column) {
    return Math.max(0, column - high) / ROWS * ROWS;
  }

  /** The row behind the last block, of {@code rows}, that sees one of the columns before {@code end}. */
  int lastRow(int end, int rows) {
    return Math.min(rows, (Math.max(0, end - low) + ROWS - 1) / ROWS * ROWS);
  }
}
