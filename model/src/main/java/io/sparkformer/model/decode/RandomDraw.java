package io.sparkformer.model.decode;

/**
 * The random number of a token: a function of where the token stands alone, whichever task draws it, in whatever batch. A hash of the
 * numbers by SplitMix64's finalizer (Steele, Lea, Flood 2014, with the constants of Stafford's variant 13).
 */
final class RandomDraw {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final int UNUSED_BITS = 11;
  private static final double UNIT = 0x1.0p-53;

  private RandomDraw() {}

  /**
   * From 0 to below 1.
   *
   * @param row number of the prompt
   * @param sample number of the text among those of its prompt
   * @param position of the token in its text
   */
  static double uniform(long seed, long row, int sample, int position) {
    long hash = mix(mix(mix(mix(seed + GOLDEN) + row + GOLDEN) + sample + GOLDEN) + position + GOLDEN);
    return (hash >>> UNUSED_BITS) * UNIT;
  }

  private static long mix(long bits) {
    long mixed = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
