package io.sparkformer.model.kernel;

/** The position encodings of the paper, section 3.5, sines and cosines interleaved. */
public final class SinusoidalPositions {
  private SinusoidalPositions() {}

  /** Row-major {@code [positions, d_model]}. */
  public static float[] table(int positions, int dModel) {
    float[] table = new float[Math.multiplyExact(positions, dModel)];
    for (int i = 0; i < dModel; i += 2) {
      double frequency = Math.pow(10000, -(double) i / dModel);
      for (int p = 0; p < positions; p++) {
        table[p * dModel + i] = (float) Math.sin(p * frequency);
        if (i + 1 < dModel) {
          table[p * dModel + i + 1] = (float) Math.cos(p * frequency);
        }
      }
    }
    return table;
  }
}
