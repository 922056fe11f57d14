package io.sparkformer.model.optimizer;

/**
 * The constants of Adam (Kingma and Ba 2015, algorithm 1).
 *
 * @param beta1 decay of the mean of gradients, in [0, 1)
 * @param beta2 decay of the mean of squared gradients, in [0, 1)
 * @param epsilon added to the denominator, above 0
 */
public record AdamSettings(double beta1, double beta2, double epsilon) {

  public AdamSettings {
    requireDecay("beta1", beta1);
    requireDecay("beta2", beta2);
    // The smallest normal float32: the update runs in float32.
    if (!(epsilon >= Float.MIN_NORMAL) || Double.isInfinite(epsilon)) {
      throw new IllegalArgumentException("Invalid optimizer epsilon: " + epsilon + " (must be > 0; the paper's is 1e-9)");
    }
  }

  private static void requireDecay(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException("Invalid optimizer " + name + ": " + value + " (must be >= 0 and < 1)");
    }
  }
}
