package io.sparkformer.jobs.pretrain.plan;

import io.sparkformer.jobs.config.TrainSettings;
import java.io.Serializable;

/**
 * Where a worker stopped, and why.
 *
 * @param state all of it saved
 */
public record TrainingEnd(TrainingState state, Ending ending) implements Serializable {

  /** Why a run ends. */
  public enum Ending {
    NONE, STEPS, EPOCHS, TIME, PATIENCE, STOPPED;

    public String reason(TrainingState state, TrainSettings settings) {
      return switch (this) {
        case NONE -> throw new IllegalStateException("The run has not ended");
        case STEPS -> "stopped: %d steps reached (train.max-steps)".formatted(settings.maxSteps());
        case EPOCHS -> "stopped: %d epochs reached (train.max-epochs)".formatted(settings.maxEpochs());
        case TIME -> "stopped: time is up (train.max-time)";
        case PATIENCE -> "stopped: no better validation loss in %d validations (train.validation.patience)"
            .formatted(state.validationsSinceBest());
        case STOPPED -> "stopped on request after step %d; go on with --resume".formatted(state.step());
      };
    }
  }
}
