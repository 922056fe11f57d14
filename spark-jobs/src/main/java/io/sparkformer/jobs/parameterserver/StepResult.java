package io.sparkformer.jobs.parameterserver;

/**
 * What became of one step; the same at every worker.
 *
 * @param step number of the step, from 1
 * @param lossSum sum of the losses of all target tokens of all workers, in nats
 * @param targetTokens target tokens of all workers
 * @param gradientNorm global norm of the mean gradient, before clipping
 * @param learningRate the step's rate
 * @param outcome whether the parameters were updated
 */
public record StepResult(long step, double lossSum, long targetTokens, double gradientNorm, double learningRate, Outcome outcome) {

  /** Whether a step changed the parameters. */
  public enum Outcome {
    /** The parameters were updated. */
    UPDATED,
    /** Loss or gradient were not finite, and nothing was changed. */
    SKIPPED
  }

  /** Mean loss per target token, in nats. */
  public double loss() {
    return lossSum / targetTokens;
  }

  /** Whether the step was skipped because its loss or gradient was not finite. */
  public boolean skipped() {
    return outcome == Outcome.SKIPPED;
  }
}
