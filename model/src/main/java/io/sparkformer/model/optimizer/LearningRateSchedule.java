package io.sparkformer.model.optimizer;

/** The learning rate as a function of the step. */
public sealed interface LearningRateSchedule {

  /**
   * The learning rate of an update.
   *
   * @param step number of the update, counted from 1
   * @throws IllegalArgumentException when {@code step} is below 1
   */
  double rate(long step);

  /**
   * The paper's schedule (Vaswani et al. 2017, section 5.3, equation 3):
   * {@code factor * d_model^-0.5 * min(step^-0.5, step * warmup^-1.5)}.
   *
   * @param factor multiplies the whole; 1 in the paper
   * @param dModel width of the model
   * @param warmupSteps updates of linear rise; 0: none
   */
  record Noam(double factor, int dModel, long warmupSteps) implements LearningRateSchedule {

    public Noam {
      requirePositive("factor", factor);
      requirePositive("d-model", dModel);
      requireWarmup(warmupSteps);
    }

    @Override
    public double rate(long step) {
      requireStep(step);
      return factor * Math.pow(dModel, -0.5) * Math.min(Math.pow(step, -0.5), step * Math.pow(warmupSteps, -1.5));
    }
  }

  /**
   * Rises to {@code peak} over the warm-up, then {@code peak * sqrt(warmup / step)}.
   *
   * @param peak the highest rate, reached at step {@code warmupSteps}
   * @param warmupSteps updates of linear rise; 0: the fall begins at the first step
   */
  record InverseSquareRoot(double peak, long warmupSteps) implements LearningRateSchedule {

    public InverseSquareRoot {
      requirePositive("peak", peak);
      requireWarmup(warmupSteps);
    }

    @Override
    public double rate(long step) {
      requireStep(step);
      return step < warmupSteps ? peak * step / warmupSteps : peak * Math.sqrt((double) Math.max(1, warmupSteps) / step);
    }
  }

  /**
   * Rises to {@code peak} over the warm-up, then falls in a straight line.
   *
   * @param peak the highest rate, reached at step {@code warmupSteps}
   * @param warmupSteps updates of linear rise; 0: none
   * @param lastStep the last update; after it the rate is 0
   */
  record Linear(double peak, long warmupSteps, long lastStep) implements LearningRateSchedule {

    public Linear {
      requirePositive("peak", peak);
      requireWarmup(warmupSteps);
      if (lastStep <= warmupSteps) {
        throw new IllegalArgumentException("Invalid learning-rate warmup-steps: " + warmupSteps + " (must be < the last step, " + lastStep
            + ")");
      }
    }

    @Override
    public double rate(long step) {
      requireStep(step);
      return step < warmupSteps ? peak * step / warmupSteps
          : peak * Math.max(0, lastStep + 1 - step) / (lastStep + 1 - Math.max(1, warmupSteps));
    }
  }

  /**
   * Rises to {@code peak} over the warm-up, then falls along half a cosine (Loshchilov and Hutter 2017, equation 5, without restarts):
   * {@code minimum + (peak - minimum) * (1 + cos(pi * t / T)) / 2}. Without warm-up it is PyTorch's {@code CosineAnnealingLR} with
   * {@code T_max = lastStep}.
   *
   * @param peak the highest rate, reached at step {@code warmupSteps}
   * @param minimum what the rate falls to, just behind the last step; at least 0, at most peak
   * @param warmupSteps updates of linear rise; 0: none
   * @param lastStep the last update
   */
  record Cosine(double peak, double minimum, long warmupSteps, long lastStep) implements LearningRateSchedule {

    public Cosine {
      requirePositive("peak", peak);
      requireWarmup(warmupSteps);
      if (!(minimum >= 0 && minimum <= peak)) {
        throw new IllegalArgumentException("Invalid learning-rate minimum: " + minimum + " (must be >= 0 and <= the peak, " + peak + ")");
      }
      if (lastStep <= warmupSteps) {
        throw new IllegalArgumentException("Invalid learning-rate warmup-steps: " + warmupSteps + " (must be < the last step, " + lastStep
            + ")");
      }
    }

    @Override
    public double rate(long step) {
      requireStep(step);
      if (step < warmupSteps) {
        return peak * step / warmupSteps;
      }
      long from = Math.max(1, warmupSteps);
      double share = Math.min(1, (double) (step - from) / (lastStep + 1 - from));
      return minimum + (peak - minimum) * (1 + Math.cos(Math.PI * share)) / 2;
    }
  }

  /**
   * Rises to {@code peak} over the warm-up and stays there.
   *
   * @param peak the rate from step {@code warmupSteps} on
   * @param warmupSteps updates of linear rise; 0: none
   */
  record Constant(double peak, long warmupSteps) implements LearningRateSchedule {

    public Constant {
      requirePositive("peak", peak);
      requireWarmup(warmupSteps);
    }

    @Override
    public double rate(long step) {
      requireStep(step);
      return step < warmupSteps ? peak * step / warmupSteps : peak;
    }
  }

  private static void requirePositive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException("Invalid learning-rate " + name + ": " + value + " (must be > 0 and finite)");
    }
  }

  private static void requireWarmup(long warmupSteps) {
    if (warmupSteps < 0) {
      throw new IllegalArgumentException("Invalid learning-rate warmup-steps: " + warmupSteps + " (must be >= 0)");
    }
  }

  private static void requireStep(long step) {
    if (step < 1) {
      throw new IllegalArgumentException("Invalid step: " + step + " (steps count from 1)");
    }
  }
}
