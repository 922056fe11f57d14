package io.sparkformer.jobs.parameterserver;

/**
 * The result of one step; the same at every worker, unless it is {@link Outcome#LOCAL}. With local steps a shared result is about all
 * steps since the last shared one, and about the updates that were made, not the skipped ones.
 *
 * @param step number of the step, from 1
 * @param lossSum sum of the losses of all target tokens of all workers, in nats
 * @param targetTokens target tokens of all workers
 * @param gradientNorm global norm of the mean gradient, before clipping; with local steps the mean over the norms of the workers' own
 * @param learningRate the step's rate
 * @param skippedUpdates how many were not made because loss or gradient were not finite; with local steps the sum over the workers
 * @param outcome whether the parameters were updated
 */
public record StepResult(long step, double lossSum, long targetTokens, double gradientNorm, double learningRate, long skippedUpdates,
    Outcome outcome) {

  /** Whether a step changed the parameters. */
  public enum Outcome {
    /** The parameters were updated, and are the same at all workers. */
    UPDATED,
    /** Loss or gradient were not finite, and nothing was changed. */
    SKIPPED,
    /** Only this worker's parameters were updated; the numbers are its own, and are contained in the next shared result. */
    LOCAL
  }

  /** Mean loss per target token, in nats. */
  public double loss() {
    return lossSum / targetTokens;
  }

  /** Whether the step was skipped because its loss or gradient was not finite. */
  public boolean skipped() {
    return outcome == Outcome.SKIPPED;
  }

  /** Whether this is about all workers, and the same at all of them. */
  public boolean isShared() {
    return outcome != Outcome.LOCAL;
  }
}
