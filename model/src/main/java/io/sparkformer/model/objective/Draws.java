package io.sparkformer.model.objective;

import java.util.SplittableRandom;

/** Random numbers that are a function of where they are drawn, and not of which worker draws them. */
final class Draws {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Draws() {}

  /** @param place of the text in the global batch */
  static SplittableRandom of(long seed, long step, long place) {
    long ofRun = new SplittableRandom(seed * GOLDEN + step).nextLong();
    return new SplittableRandom(new SplittableRandom(ofRun + place * GOLDEN).nextLong());
  }
}
