package io.sparkformer.model.decode;

import java.util.Arrays;
import java.util.List;

/** The tokens of every row of a decoder. A row that is the only one to go on from its parent takes the parent's array over. */
final class RowTexts {
  private static final int FIRST_CAPACITY = 16;

  private int rows;
  private int[][] tokens = new int[0][];
  private int[] lengths = new int[0];
  private int[] beginnings = new int[0];
  private int[] children = new int[0];

  /** Forgets all rows, and begins others. */
  void start(List<int[]> texts) {
    rows = texts.size();
    tokens = new int[rows][];
    lengths = new int[rows];
    for (int row = 0; row < rows; row++) {
      lengths[row] = texts.get(row).length;
      tokens[row] = Arrays.copyOf(texts.get(row), lengths[row] + FIRST_CAPACITY);
    }
    beginnings = lengths.clone();
  }

  /** Row r is now what row {@code parents[r]} was, and one token more. */
  void extend(int[] newest, int[] parents) {
    if (children.length < rows) {
      children = new int[rows];
    }
    Arrays.fill(children, 0, rows, 0);
    for (int parent : parents) {
      children[parent]++;
    }
    int[][] extended = new int[parents.length][];
    int[] longer = new int[parents.length];
    int[] began = new int[parents.length];
    for (int row = 0; row < parents.length; row++) {
      int parent = parents[row];
      children[parent]--;
      int length = lengths[parent];
      boolean isFull = length == tokens[parent].length;
      extended[row] = isFull || children[parent] > 0 ? Arrays.copyOf(tokens[parent], isFull ? 2 * length : tokens[parent].length)
          : tokens[parent];
      extended[row][length] = newest[row];
      longer[row] = length + 1;
      began[row] = beginnings[parent];
    }
    rows = parents.length;
    tokens = extended;
    lengths = longer;
    beginnings = began;
  }

  int rows() {
    return rows;
  }

  /** The tokens of a row, and perhaps more behind them; not a copy. */
  int[] tokens(int row) {
    return tokens[row];
  }

  int length(int row) {
    return lengths[row];
  }

  /** How many of a row's tokens came after it was begun. */
  int newTokens(int row) {
    return lengths[row] - beginnings[row];
  }
}
