package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** Sums of matrices that lie side by side: the gradients of keys and values which several groups of query heads share. */
final class SharedHeads {
  private SharedHeads() {}

  /** {@code sum [rows, columns]} of {@code parts [rows, n * columns]}. */
  static void add(Team team, Matrix parts, Matrix sum) {
    RowBlocks blocks = RowBlocks.of(sum.rows());
    team.run(blocks.count(), block -> {
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        addRow(parts.bytes(), parts.place(i, 0), parts.columns(), sum.bytes(), sum.place(i, 0), sum.columns());
      }
    });
  }

  private static void addRow(ByteBuffer parts, int from, int length, ByteBuffer sum, int to, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector total = Lanes.load(parts, from + j);
      for (int part = columns; part < length; part += columns) {
        total = total.add(Lanes.load(parts, from + part + j));
      }
      Lanes.store(total, sum, to + j);
    }
    for (int j = whole; j < columns; j++) {
      float total = Lanes.at(parts, from + j);
      for (int part = columns; part < length; part += columns) {
        total += Lanes.at(parts, from + part + j);
      }
      Lanes.put(total, sum, to + j);
    }
  }
}
