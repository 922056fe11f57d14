package io.sparkformer.jobs.config;

import java.io.Serializable;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Which tensors a run trains, by patterns of their names in model files, in which {@code *} stands for any text.
 *
 * @param trainable those that are trained; empty for all
 * @param frozen those that are not, whatever {@code trainable} says
 */
public record TrainableSettings(List<String> trainable, List<String> frozen) implements Serializable {
  /** Everything is trained. */
  public static final TrainableSettings ALL = new TrainableSettings(List.of(), List.of());

  public TrainableSettings {
    trainable = List.copyOf(trainable);
    frozen = List.copyOf(frozen);
  }

  static TrainableSettings from(SettingValues values) {
    return new TrainableSettings(values.names("train.trainable"), values.names("train.frozen"));
  }

  /** Whether a tensor of this name is trained. */
  public boolean trains(String tensor) {
    return (trainable.isEmpty() || trainable.stream().anyMatch(pattern -> matches(pattern, tensor)))
        && frozen.stream().noneMatch(pattern -> matches(pattern, tensor));
  }

  /** Whether a pattern matches the whole name. */
  public static boolean matches(String pattern, String tensor) {
    return Pattern.matches("\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E", tensor);
  }
}
