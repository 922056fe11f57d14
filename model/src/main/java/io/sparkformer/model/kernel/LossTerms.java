package io.sparkformer.model.kernel;

/**
 * What training minimizes of a row beside its cross-entropy.
 *
 * @param labelSmoothing share of the target probability that is spread evenly over the classes, in [0, 1) (Vaswani et al. 2017, 5.4)
 * @param zLoss factor of {@code (log Z)^2}, with Z the sum of the exponentials of the row's scores, which keeps these near 0: 1e-4 in PaLM
 *     (Chowdhery et al. 2022, section 5)
 */
public record LossTerms(double labelSmoothing, double zLoss) {
  public static final LossTerms NONE = new LossTerms(0, 0);

  public static LossTerms smoothing(double labelSmoothing) {
    return new LossTerms(labelSmoothing, 0);
  }
}
