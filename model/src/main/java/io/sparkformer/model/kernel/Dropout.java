package io.sparkformer.model.kernel;

/**
 * Inverted dropout (Srivastava et al. 2014) whose mask is a function of (seed, step, site, token, element) and of nothing else.
 * So it is computed again in the backward pass instead of being stored, and does not depend on how a global batch was cut into
 * workers and micro-batches. This class defines the function; every implementation of the kernels gives the same masks.
 *
 * <p>Element {@code e} of token {@code t} is kept if the upper 24 bits of {@code mix32(rowKey(t) + e * 0x9E3779B9)} are at least
 * {@code rate * 2^24}. {@code mix32} is a bijective 32-bit finalizer with good avalanche: two multiplications, so that it runs in
 * vector lanes.
 *
 * @param rate probability of dropping an element, in [0, 1)
 * @param seed of the run
 * @param site number of the place in the network, so that no two places share masks
 */
public record Dropout(double rate, long seed, int site) {
  /** No dropout. */
  public static final Dropout NONE = new Dropout(0, 0, 0);

  /** Step between the hash inputs of neighbouring elements. */
  public static final int ELEMENT_STRIDE = 0x9E3779B9;

  /** The two multipliers of {@code mix32}; its shifts are 16, 15 and 16. */
  public static final int FIRST_MULTIPLIER = 0x7FEB352D;

  public static final int SECOND_MULTIPLIER = 0x846CA68B;

  public Dropout {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("Invalid dropout rate: %s (must be at least 0 and below 1)".formatted(rate));
    }
  }

  /** Whether this pass drops anything here. */
  public boolean applies(Pass pass) {
    return rate > 0 && pass.isTraining();
  }

  /** Elements whose upper 24 hash bits are below this are dropped. */
  public int threshold() {
    return (int) Math.round(rate * (1 << 24));
  }

  /** What kept elements are multiplied by. */
  public float scale() {
    return (float) (1 / (1 - rate));
  }

  /** The hash input of element 0 of a token; {@code token} is its place in the global batch. */
  public int rowKey(long step, long token) {
    return (int) (mix64(passKey(step) + token) >>> 32);
  }

  /** What the hash inputs of all tokens of a step are made of. */
  public long passKey(long step) {
    return mix64(mix64(mix64(seed) + step) + site);
  }

  /** Whether an element is kept. */
  public static boolean keeps(int rowKey, int element, int threshold) {
    return (mix32(rowKey + element * ELEMENT_STRIDE) >>> 8) >= threshold;
  }

  /** Writes the multipliers of a row of elements, 0 or {@link #scale()}, into {@code mask[offset ..< offset + elements]}. */
  public void fillRow(long step, long token, float[] mask, int offset, int elements) {
    int key = rowKey(step, token);
    int threshold = threshold();
    float scale = scale();
    for (int e = 0; e < elements; e++) {
      mask[offset + e] = keeps(key, e, threshold) ? scale : 0f;
    }
  }

  static int mix32(int x) {
    x ^= x >>> 16;
    x *= FIRST_MULTIPLIER;
    x ^= x >>> 15;
    x *= SECOND_MULTIPLIER;
    return x ^ (x >>> 16);
  }

  private static long mix64(long z) {
    z += 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
