package io.sparkformer.model.kernel.cpu.rows;

import io.sparkformer.model.kernel.cpu.memory.Matrix;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** The passes of the embedding over one row. */
public final class EmbeddingRows {
  private EmbeddingRows() {}

  /** Row {@code i} of {@code out = table[id] * scale + positions[position]}. */
  public static void gather(Matrix table, int id, float scale, Matrix positions, int position, Matrix out, int i) {
    gather(table.bytes(), table.place(id, 0), scale, positions.bytes(), positions.place(position, 0), out.bytes(), out.place(i, 0),
        table.columns());
  }

  private static void gather(ByteBuffer table, int at, float scale, ByteBuffer positions, int positionAt, ByteBuffer out, int outAt,
      int columns) {
    int whole = Lanes.whole(columns);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(table, at + j).mul(scale).add(Lanes.load(positions, positionAt + j)), out, outAt + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Lanes.at(table, at + j) * scale + Lanes.at(positions, positionAt + j), out, outAt + j);
    }
  }

  /** {@code gradient[id] += dropout(dy[i]) * scale}. */
  public static void scatter(Matrix dy, int i, float scale, Masks masks, Matrix gradient, int id) {
    if (masks.applies()) {
      scatterDropped(dy.bytes(), dy.place(i, 0), scale * masks.scale(), masks.key(i), masks.threshold(), gradient.bytes(),
          gradient.place(id, 0), dy.columns());
    } else {
      scatter(dy.bytes(), dy.place(i, 0), scale, gradient.bytes(), gradient.place(id, 0), dy.columns());
    }
  }

  private static void scatter(ByteBuffer dy, int at, float scale, ByteBuffer gradient, int gradientAt, int columns) {
    int whole = Lanes.whole(columns);
    FloatVector factor = FloatVector.broadcast(Lanes.F, scale);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      Lanes.store(Lanes.load(dy, at + j).fma(factor, Lanes.load(gradient, gradientAt + j)), gradient, gradientAt + j);
    }
    for (int j = whole; j < columns; j++) {
      Lanes.put(Math.fma(Lanes.at(dy, at + j), scale, Lanes.at(gradient, gradientAt + j)), gradient, gradientAt + j);
    }
  }

  private static void scatterDropped(ByteBuffer dy, int at, float scale, int key, int threshold, ByteBuffer gradient, int gradientAt,
      int columns) {
    int whole = Lanes.whole(columns);
    int scaleBits = Float.floatToRawIntBits(scale);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector factor = Lanes.dropout(key, j, threshold, scaleBits);
      Lanes.store(Lanes.load(dy, at + j).fma(factor, Lanes.load(gradient, gradientAt + j)), gradient, gradientAt + j);
    }
    for (int j = whole; j < columns; j++) {
      float factor = Lanes.dropout(key, j, threshold, scale);
      Lanes.put(Math.fma(Lanes.at(dy, at + j), factor, Lanes.at(gradient, gradientAt + j)), gradient, gradientAt + j);
    }
  }
}
