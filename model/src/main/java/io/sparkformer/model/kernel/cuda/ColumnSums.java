package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.cuda.driver.Kernel.Launch;
import io.sparkformer.model.kernel.cuda.product.DeviceMatrix;

/**
 * Sums over rows, in two stages: chunks of rows side by side, then the chunks in their order. How rows are cut depends on their number
 * alone, so that the same rows give the same bits.
 */
final class ColumnSums {
  private static final int THREADS = 128;
  private static final int FEWEST_ROWS = 32;
  private static final int MOST_CHUNKS = 256;

  private ColumnSums() {}

  /**
   * Adds the sums over the rows to a gradient.
   *
   * @param factor address of what each element is multiplied by, laid out as the rows; 0 for nothing
   * @param drops of the rows
   * @param gradient address of {@code [columns]}, which the sums are added to
   */
  static void add(CudaEngine engine, Call call, DeviceMatrix rows, long factor, Drops drops, long firstToken, long gradient) {
    if (rows.rows() == 0) {
      return;
    }
    int columns = (int) rows.columns();
    int chunkRows = (int) Math.max(FEWEST_ROWS, (rows.rows() + MOST_CHUNKS - 1) / MOST_CHUNKS);
    int chunks = (int) ((rows.rows() + chunkRows - 1) / chunkRows);
    long partial = call.scratchBytes((long) Float.BYTES * chunks * columns);
    long blocks = (columns + THREADS - 1) / THREADS;
    engine.kernel("norm", "column_sums").launch(engine.queue(), new Launch(blocks, chunks, THREADS, 0), rows.address(), factor, partial,
        (int) rows.rows(), columns, (int) rows.stride(), chunkRows, drops.key(), drops.threshold(), drops.scale(), firstToken);
    addPartial(engine, partial, gradient, chunks, columns);
  }

  /** {@code gradient[column] += sum of partial[chunk, column]}, in the order of the chunks. */
  static void addPartial(CudaEngine engine, long partial, long gradient, int chunks, int columns) {
    engine.kernel("norm", "add_partial_sums").launch(engine.queue(), Launch.of((columns + THREADS - 1) / THREADS, THREADS), partial,
        gradient, chunks, columns);
  }
}
