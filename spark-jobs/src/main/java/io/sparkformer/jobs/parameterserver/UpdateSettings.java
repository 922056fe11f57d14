package io.sparkformer.jobs.parameterserver;

import io.sparkformer.model.optimizer.AdamSettings;
import io.sparkformer.model.optimizer.LearningRateSchedule;
import io.sparkformer.model.optimizer.WeightDecay;

/**
 * How gradients become updates.
 *
 * @param adam the optimizer's constants
 * @param schedule the learning rate of each step
 * @param clipNorm largest global norm of the gradient (mean over target tokens); 0: no limit
 * @param maxSkippedSteps how many steps in a row may be skipped before the run stops, at least 1
 */
public record UpdateSettings(AdamSettings adam, LearningRateSchedule schedule, double clipNorm, int maxSkippedSteps, WeightDecay decay) {
  /** As PyTorch's clipping: keeps the factor below one when the norm is exactly the limit. */
  private static final double CLIP_MARGIN = 1e-6;

  /** Without weight decay. */
  public UpdateSettings(AdamSettings adam, LearningRateSchedule schedule, double clipNorm, int maxSkippedSteps) {
    this(adam, schedule, clipNorm, maxSkippedSteps, WeightDecay.NONE);
  }

  /** The same with weight decay. */
  public UpdateSettings with(WeightDecay newDecay) {
    return new UpdateSettings(adam, schedule, clipNorm, maxSkippedSteps, newDecay);
  }

  /** @throws IllegalArgumentException when a value is impossible */
  public UpdateSettings {
    if (!(clipNorm >= 0) || Double.isInfinite(clipNorm)) {
      throw new IllegalArgumentException("Invalid clip-norm: " + clipNorm + " (must be >= 0; 0: never clip)");
    }
    if (maxSkippedSteps < 1) {
      throw new IllegalArgumentException("Invalid max-skipped-steps: " + maxSkippedSteps + " (must be >= 1)");
    }
  }

  /** What clipping multiplies a gradient of this norm with, at most 1. */
  double clipFactor(double gradientNorm) {
    return clipNorm == 0 ? 1 : Math.min(1, clipNorm / (gradientNorm + CLIP_MARGIN));
  }
}
