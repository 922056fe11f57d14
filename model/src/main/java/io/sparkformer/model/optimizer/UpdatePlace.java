package io.sparkformer.model.optimizer;

import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import java.util.Optional;

/** Where updates of a slice are made. */
@FunctionalInterface
public interface UpdatePlace {
  UpdatePlace HOST = (slice, firstMoment, secondMoment) -> Optional.empty();

  /**
   * The slice on a device; empty for the host.
   *
   * @param firstMoment {@code [slice]}, of the host
   * @param secondMoment {@code [slice]}, of the host
   */
  Optional<DeviceSlice> slice(FlatRange slice, FloatRegion firstMoment, FloatRegion secondMoment);
}
