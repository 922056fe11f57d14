package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.Team;
import java.util.Arrays;

/** How far each row of a batch's queries and keys is turned by rotary positions; not at all without such positions. */
final class Rotation {
  private final int width;
  private final int[] ofQueries;
  private final int[] ofKeys;
  /** Null for no rotation. */
  private final RotaryTable table;

  private Rotation(AttentionConfig config, int[] ofQueries, int[] ofKeys) {
    this.width = config.headWidth();
    this.ofQueries = ofQueries;
    this.ofKeys = ofKeys;
    if (config.positions() instanceof AttentionPositions.Rotary rotary) {
      int last = Math.max(Arrays.stream(ofQueries).max().orElse(0), Arrays.stream(ofKeys).max().orElse(0));
      this.table = RotaryTable.of(rotary, last + 1);
    } else {
      this.table = null;
    }
  }

  /** Of whole sequences. */
  static Rotation of(AttentionConfig config, Segments queries, Segments keys) {
    int[] ofQueries = positions(queries);
    return new Rotation(config, ofQueries, keys == queries ? ofQueries : positions(keys));
  }

  /** Of rows at these positions. */
  static Rotation of(AttentionConfig config, int[] ofQueries, int[] ofKeys) {
    return new Rotation(config, ofQueries, ofKeys);
  }

  private static int[] positions(Segments segments) {
    int[] positions = new int[segments.tokens()];
    for (int s = 0; s < segments.sentences(); s++) {
      for (int i = 0; i < segments.length(s); i++) {
        positions[segments.start(s) + i] = i;
      }
    }
    return positions;
  }

  /** Turns queries and keys, {@code [tokens, heads * head_width]}, in place. */
  void turn(Team team, Matrix queries, Matrix keys, RotaryRows.Direction direction) {
    if (table != null) {
      RotaryRows.turn(team, queries, width, ofQueries, table, direction);
      RotaryRows.turn(team, keys, width, ofKeys, table, direction);
    }
  }
}
