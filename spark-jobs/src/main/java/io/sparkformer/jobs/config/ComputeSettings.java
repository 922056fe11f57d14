package io.sparkformer.jobs.config;

import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.Precision;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** How networks are computed, whatever for: the settings {@code kernels} and {@code precision}. */
public record ComputeSettings(KernelChoice kernels, Precision precision) implements Serializable {

  static ComputeSettings from(SettingValues values) {
    return new ComputeSettings(choice(values, "kernels", KernelChoice.values()), choice(values, "precision", Precision.values()));
  }

  private static <E extends Enum<E>> E choice(SettingValues values, String key, E[] choices) {
    String name = values.needed(key);
    List<String> names = Stream.of(choices).map(choice -> choice.name().toLowerCase(Locale.ROOT)).toList();
    Limits.oneOf(key, name, names);
    return choices[names.indexOf(name)];
  }
}
