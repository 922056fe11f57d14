package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/** Turns the heads of rows of queries and keys by the angles of their positions, in place, or back. */
final class RotaryRows {
  /** The backward pass turns back. */
  enum Direction {
    FORWARD(1),
    BACK(-1);

    private final float sign;

    Direction(float sign) {
      this.sign = sign;
    }
  }

  private RotaryRows() {}

  /**
   * Turns all rows, in parts.
   *
   * @param rows {@code [tokens, heads * width]}
   * @param width of a head
   * @param positions of the rows
   */
  static void turn(Team team, Matrix rows, int width, int[] positions, RotaryTable table, Direction direction) {
    RowBlocks blocks = RowBlocks.of(rows.rows());
    team.run(blocks.count(), block -> {
      for (int i = blocks.start(block); i < blocks.end(block); i++) {
        for (int column = 0; column < rows.columns(); column += width) {
          turn(rows.bytes(), rows.place(i, column), table.half(), table.cosines(), table.sines(), table.place(positions[i]),
              direction.sign);
        }
      }
    });
  }

  private static void turn(ByteBuffer bytes, int at, int half, float[] cosines, float[] sines, int angle, float sign) {
    int whole = Lanes.whole(half);
    for (int j = 0; j < whole; j += Lanes.COUNT) {
      FloatVector cosine = FloatVector.fromArray(Lanes.F, cosines, angle + j);
      FloatVector sine = FloatVector.fromArray(Lanes.F, sines, angle + j).mul(sign);
      FloatVector x = Lanes.load(bytes, at + j);
      FloatVector y = Lanes.load(bytes, at + half + j);
      Lanes.store(x.mul(cosine).sub(y.mul(sine)), bytes, at + j);
      Lanes.store(y.mul(cosine).add(x.mul(sine)), bytes, at + half + j);
    }
    for (int j = whole; j < half; j++) {
      float cosine = cosines[angle + j];
      float sine = sines[angle + j] * sign;
      float x = Lanes.at(bytes, at + j);
      float y = Lanes.at(bytes, at + half + j);
      Lanes.put(x * cosine - y * sine, bytes, at + j);
      Lanes.put(y * cosine + x * sine, bytes, at + half + j);
    }
  }
}
