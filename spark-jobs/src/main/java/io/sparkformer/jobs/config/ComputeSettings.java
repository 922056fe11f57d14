package io.sparkformer.jobs.config;

import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.Precision;
import java.io.Serializable;

/** How networks are computed, in all jobs: the settings {@code kernels} and {@code precision}. */
public record ComputeSettings(KernelChoice kernels, Precision precision) implements Serializable {

  static ComputeSettings from(SettingValues values) {
    return new ComputeSettings(values.choice("kernels", KernelChoice.values()), values.choice("precision", Precision.values()));
  }
}
