package io.sparkformer.data;

/**
 * A small random generator whose numbers are fixed for ever, so that shard order and batch order never depend on a Java version.
 *
 * <p>Each number adds the golden ratio to the state and is a hash of the new state: Steele, Lea, Flood, "Fast splittable
 * pseudorandom number generators" (OOPSLA 2014), with the constants of David Stafford's variant 13. Not for secrets.
 */
public final class SplitMix64 {

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  private SplitMix64(long state) {
    this.state = state;
  }

  /**
   * A generator that is a function of these numbers and their order alone, such as {@code (seed, epoch, window)}.
   */
  public static SplitMix64 of(long... keys) {
    return new SplitMix64(hash(keys));
  }

  /**
   * 64 well-mixed bits that are a function of these numbers and their order alone.
   */
  public static long hash(long... keys) {
    long hash = keys.length;
    for (long key : keys) {
      hash = mix(hash + GOLDEN_GAMMA + mix(key + GOLDEN_GAMMA));
    }
    return hash;
  }

  /**
   * The next 64 bits.
   */
  public long next() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /**
   * @param bound one more than the largest result; positive
   * @return 0 to {@code bound - 1}; the bias is below {@code bound / 2^32}
   */
  public int nextBelow(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("Invalid bound: " + bound + " (must be > 0)");
    }
    return (int) (((next() >>> 32) * bound) >>> 32);
  }

  /**
   * Shuffles in place (Fisher and Yates).
   */
  public void shuffle(Object[] elements) {
    for (int last = elements.length - 1; last > 0; last--) {
      int other = nextBelow(last + 1);
      Object swapped = elements[last];
      elements[last] = elements[other];
      elements[other] = swapped;
    }
  }

  private static long mix(long bits) {
    long mixed = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
