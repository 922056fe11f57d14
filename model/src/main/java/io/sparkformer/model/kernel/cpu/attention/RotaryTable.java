package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.config.AttentionPositions;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Cosines and sines of the angles of {@link AttentionPositions.Rotary}, {@code [positions, width / 2]}. All layers of all networks with the
 * same settings share a table; it grows to the longest sequence.
 */
final class RotaryTable {
  private static final int FEWEST_POSITIONS = 256;
  private static final ConcurrentMap<AttentionPositions.Rotary, RotaryTable> TABLES = new ConcurrentHashMap<>();

  private final int positions;
  private final int half;
  private final float[] cosines;
  private final float[] sines;

  private RotaryTable(AttentionPositions.Rotary rotary, int positions) {
    this.positions = positions;
    this.half = rotary.width() / 2;
    this.cosines = new float[Math.multiplyExact(positions, half)];
    this.sines = new float[positions * half];
    for (int i = 0; i < half; i++) {
      double frequency = Math.pow(rotary.theta(), -2.0 * i / rotary.width()) / rotary.scaling();
      for (int position = 0; position < positions; position++) {
        cosines[position * half + i] = (float) Math.cos(position * frequency);
        sines[position * half + i] = (float) Math.sin(position * frequency);
      }
    }
  }

  /** A table of at least so many positions. */
  static RotaryTable of(AttentionPositions.Rotary rotary, int positions) {
    return TABLES.compute(rotary, (key, known) -> known != null && known.positions >= positions
        ? known : new RotaryTable(rotary, Math.max(FEWEST_POSITIONS, Integer.highestOneBit(Math.max(1, positions - 1)) * 2)));
  }

  /** Elements of a head that have an angle: half of those that are turned. */
  int half() {
    return half;
  }

  float[] cosines() {
    return cosines;
  }

  float[] sines() {
    return sines;
  }

  /** Where the angles of a position begin. */
  int place(int position) {
    return position * half;
  }
}
