package io.sparkformer.model.kernel.cpu.memory;

/**
 * How rows are cut into blocks of nearly equal size. Where they are cut depends on the number of rows alone, never on the threads,
 * so neither do the results.
 *
 * @param unit every block but the last is a multiple of so many rows
 */
public record RowBlocks(int rows, int count, int unit) {
  /** Enough rows to make a product fast, few enough that a block stays in a core's cache from one pass to the next. */
  public static final int ROWS = 256;
  /** Blocks have few sizes, so that few primitives serve all batches; two tiles of AMX. */
  public static final int UNIT = 32;

  /** {@link #even} blocks of at most {@link #ROWS} rows. */
  public static RowBlocks of(int rows) {
    return even(rows, ROWS);
  }

  /** {@link #of(int, int)}, for parts that take equally long: 1, 2 or a multiple of 4, so that 2 or 4 threads finish together. */
  public static RowBlocks even(int rows, int largest) {
    RowBlocks blocks = of(rows, largest);
    int units = (rows + blocks.unit - 1) / blocks.unit;
    return blocks.count <= 2 ? blocks : new RowBlocks(rows, Math.min(units, (blocks.count + 3) / 4 * 4), blocks.unit);
  }

  /** Blocks of at most {@code largest} rows, multiples of {@link #UNIT} rows where {@code largest} allows it. */
  public static RowBlocks of(int rows, int largest) {
    return of(rows, largest, Math.min(UNIT, largest));
  }

  /** Blocks of at most {@code largest} rows, but of one unit in any case. */
  public static RowBlocks of(int rows, int largest, int unit) {
    int units = (rows + unit - 1) / unit;
    int unitsOfBlock = Math.max(1, largest / unit);
    return new RowBlocks(rows, (units + unitsOfBlock - 1) / unitsOfBlock, unit);
  }

  /** The first row of a block. */
  public int start(int block) {
    long units = (rows + unit - 1L) / unit;
    return (int) Math.min(rows, units * block / count * unit);
  }

  /** The row after the last of a block. */
  public int end(int block) {
    return start(block + 1);
  }
}
