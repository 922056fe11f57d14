package io.sparkformer.jobs.parameterserver;

import io.sparkformer.model.checkpoint.OptimizerState;
import io.sparkformer.model.graph.PassListener;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.optimizer.Adam;

/**
 * How one worker's gradients become updates of its parameters: {@linkplain ParameterServer together with all others} at every step, or
 * {@linkplain LocalSteps by itself} for some steps. Every worker calls the same methods for the same steps.
 */
public sealed interface ParameterUpdates permits ParameterServer, LocalSteps {

  /**
   * Declares a range of the gradient final for this step, during the backward pass. May be left out, for some ranges or
   * all: {@link #update} takes the rest.
   *
   * @param range no element of it was given before in this step
   */
  void push(long step, FlatRange range);

  /** A listener for the pass of a step: waits for parameters before their use, and sends each range of the gradient when it is final. */
  default PassListener during(long step) {
    return new PassListener() {
      @Override
      public void needs(FlatRange parameters) {
        awaitParameters(parameters);
      }

      @Override
      public boolean readsGradients() {
        return gradientsAreRead();
      }

      @Override
      public void finished(FlatRange gradient) {
        push(step, gradient);
      }
    };
  }

  /** Whether the gradient must be on the host: where updates are made on a device, only for other workers. */
  boolean gradientsAreRead();

  /** To be called when somebody else has written parameters or moments on the host. */
  void stateWritten();

  /** Waits until a range of the parameters is as the last step left it. */
  void awaitParameters(FlatRange range);

  /** Waits until all parameters are as the last step left them. */
  void awaitParameters();

  /**
   * Makes the step's update; may return before all parameters have arrived: {@link #awaitParameters} must come before any use of
   * them. Afterwards the gradient's values are undefined; the caller clears them before the next step.
   *
   * @param step number of the step, from 1; the same at every worker
   * @param lossSum sum of the losses of this worker's target tokens, in nats
   * @param targetTokens how many target tokens the gradient is summed over; may be 0 at some workers
   * @return the outcome of the step; when it is {@linkplain StepResult#isShared shared}, all workers are in the same state
   * @throws IllegalStateException when too many steps in a row were not finite; at every worker alike
   */
  StepResult update(long step, double lossSum, long targetTokens);

  /** The optimizer, to be restored from a checkpoint. */
  Adam adam();

  /**
   * The slice of the optimizer's state that this worker writes into a checkpoint, as it is now and not copied; the slices of all workers
   * cover it whole.
   */
  OptimizerState savedOptimizer();

  /**
   * Checks that all workers hold the same parameters, bit for bit; worth calling once before the first step.
   *
   * @param step number that names the check in messages
   * @throws IllegalStateException naming a rank that differs from rank 0; at every worker alike
   */
  void requireSameParameters(long step);
}
