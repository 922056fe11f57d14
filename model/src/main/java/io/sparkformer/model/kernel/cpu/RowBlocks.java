package io.sparkformer.model.kernel.cpu;

/**
 * How rows are cut into blocks of nearly equal size. Where they are cut depends on the number of rows alone, never on the threads,
 * so neither do the results.
 */
record RowBlocks(int rows, int count) {
  /** Enough rows to make a product fast, few enough that a block stays in a core's cache from one pass to the next. */
  static final int ROWS = 192;

  static RowBlocks of(int rows) {
    return of(rows, ROWS);
  }

  static RowBlocks of(int rows, int largest) {
    return new RowBlocks(rows, (rows + largest - 1) / largest);
  }

  int start(int block) {
    return (int) ((long) rows * block / count);
  }

  int end(int block) {
    return start(block + 1);
  }
}
