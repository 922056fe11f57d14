package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The rows of a micro-batch whose labels count: those that are not negative.
 *
 * @param all rows there are
 * @param rows that count, in their order
 * @param labels of the rows that count
 */
public record LabelledRows(int all, int[] rows, int[] labels) {
  /**
   * @param labels of all rows
   * @throws IllegalArgumentException if a label is no class
   */
  public static LabelledRows of(int[] labels, int rows, int classes) {
    if (labels.length != rows) {
      throw new IllegalArgumentException("There must be one label for each row: rows=%d, labels=%d".formatted(rows, labels.length));
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] >= classes) {
        throw new IllegalArgumentException("Label %d at row %d is outside the %d classes".formatted(labels[i], i, classes));
      }
    }
    return new LabelledRows(rows, IntStream.range(0, rows).filter(i -> labels[i] >= 0).toArray(),
        Arrays.stream(labels).filter(label -> label >= 0).toArray());
  }

  /** How many rows count. */
  public int count() {
    return rows.length;
  }

  /** Whether every row counts. */
  public boolean areAll() {
    return rows.length == all;
  }

  /** Rows that count, one after another: {@code to = scale * from}. */
  public void gather(Team team, Matrix from, float scale, Matrix to) {
    RowBlocks blocks = RowBlocks.of(rows.length);
    team.run(blocks.count(), block -> {
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        ScaledRows.copy(from, rows[i], scale, to, i);
      }
    });
  }

  /** The reverse: {@code to = scale * from} in rows that count, and 0 in the others. */
  public void scatter(Team team, Matrix from, float scale, Matrix to) {
    RowBlocks blocks = RowBlocks.of(all);
    team.run(blocks.count(), block -> {
      int next = Arrays.binarySearch(rows, blocks.start(block));
      next = next < 0 ? -next - 1 : next;
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        if (next < rows.length && rows[next] == i) {
          ScaledRows.copy(from, next++, scale, to, i);
        } else {
          ScaledRows.clear(to, i);
        }
      }
    });
  }
}
