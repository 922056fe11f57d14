package io.sparkformer.model.optimizer;

import io.sparkformer.model.memory.FloatRegion;

/** Parameters before and after their update: as many as stay in a core's cache between the two. */
final class RoundedTile {
  private static final int LENGTH = 4096;
  private static final ThreadLocal<RoundedTile> OF_THREAD = ThreadLocal.withInitial(RoundedTile::new);

  private final float[] before = new float[LENGTH];
  private final float[] after = new float[LENGTH];

  /** Updates the elements {@code [from, to)}. */
  @FunctionalInterface
  interface Update {
    void run(long from, long to);
  }

  /** Runs an update of {@code [from, to)}, whole or tile by tile, so that what it has done to the parameters can be rounded. */
  static void run(FloatRegion parameters, long from, long to, UpdateRounding rounding, Update update) {
    if (rounding == UpdateRounding.NONE) {
      update.run(from, to);
      return;
    }
    RoundedTile tile = OF_THREAD.get();
    for (long start = from; start < to; start += LENGTH) {
      int count = (int) Math.min(LENGTH, to - start);
      parameters.read(start, tile.before, count);
      update.run(start, start + count);
      parameters.read(start, tile.after, count);
      rounding.round(start, tile.before, tile.after, count);
      parameters.write(start, tile.after, count);
    }
  }
}
