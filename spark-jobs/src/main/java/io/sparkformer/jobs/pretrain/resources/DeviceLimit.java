package io.sparkformer.jobs.pretrain.resources;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.config.TrainSettings;
import io.sparkformer.model.block.Recompute;
import java.util.Locale;

/**
 * The memory of a worker's device.
 *
 * @param device as messages name it
 * @param bytes of it
 * @param free bytes of it that nobody has taken
 */
public record DeviceLimit(String device, long bytes, long free) {

  /** @throws InvalidInputException when a worker needs more than is free */
  public void require(MemoryPlan plan, TrainSettings settings) {
    if (plan.device() <= free) {
      return;
    }
    throw new InvalidInputException(String.format(Locale.ROOT,
        "Training may take %,d MB of a worker's device, but %s has %,d MB, of which %,d MB are free; lower train.batch-tokens (%d) or "
            + "raise train.accumulate (%d)%s",
        MemoryPlan.megabytes(plan.device()), device, MemoryPlan.megabytes(bytes), MemoryPlan.megabytes(free), settings.batchTokens(),
        settings.accumulate(), settings.recompute() == Recompute.NONE ? ", or set train.recompute=layers" : ""));
  }
}
