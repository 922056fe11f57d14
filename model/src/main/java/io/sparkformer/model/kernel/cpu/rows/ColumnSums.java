package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.kernel.cpu.memory.Matrix;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/**
 * Sums over rows, as bias gradients are: each block of rows has a partial sum of its own, and the partial sums are added in the order
 * of the blocks, whichever thread made them.
 */
public final class ColumnSums {
  private final float[] partial;
  private final int blocks;
  private final int width;

  /** Partial sums of zero. */
  public ColumnSums(int blocks, int width) {
    this.partial = new float[Math.multiplyExact(blocks, width)];
    this.blocks = blocks;
    this.width = width;
  }

  /** Partial sums of zero for a gradient; none, and no work, if it is null. */
  public static ColumnSums of(Matrix gradient, int blocks, int width) {
    return new ColumnSums(gradient == null ? 0 : blocks, width);
  }

  /** Where the partial sums lie, those of a block from {@link #place} on. */
  float[] partial() {
    return partial;
  }

  int place(int block) {
    return block * width;
  }

  /** Adds the rows of a block. */
  public void add(int block, Matrix rows) {
    for (int i = 0; blocks > 0 && i < rows.rows(); i++) {
      addRow(rows.bytes(), rows.place(i, 0), rows.columns(), partial, place(block));
    }
  }

  private static void addRow(ByteBuffer bytes, int from, int columns, float[] sums, int to) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.F, sums, to + j).add(Lanes.load(bytes, from + j)).intoArray(sums, to + j);
    }
    for (int j = whole; j < columns; j++) {
      sums[to + j] += Lanes.at(bytes, from + j);
    }
  }

  /** Adds the columns from {@code first} on to a gradient; to none if it is null. */
  public void addTo(Matrix gradient, int first) {
    if (gradient == null) {
      return;
    }
    ByteBuffer bytes = gradient.bytes();
    for (int j = 0; j < gradient.columns(); j++) {
      float sum = 0;
      for (int block = 0; block < blocks; block++) {
        sum += partial[block * width + first + j];
      }
      int place = gradient.place(0, j);
      Lanes.put(Lanes.at(bytes, place) + sum, bytes, place);
    }
  }

  /** Adds all sums to a gradient {@code [1, columns]}; a null one is left out. */
  public void addTo(Matrix gradient) {
    addTo(gradient, 0);
  }
}
