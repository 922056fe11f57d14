package io.sparkformer.model.kernel.cpu.rows;

import java.nio.ByteBuffer;

/** The sum of a row and a bias. */
public final class BiasRows {
  private BiasRows() {}

  /** {@code row += bias}. */
  public static void add(ByteBuffer bias, int biasAt, ByteBuffer row, int at, int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(row, at + j).add(Lanes.load(bias, biasAt + j)), row, at + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Lanes.at(row, at + j) + Lanes.at(bias, biasAt + j), row, at + j);
    }
  }
}
