package io.sparkformer.jobs.config;

import java.io.Serializable;
import org.apache.hadoop.fs.Path;

/**
 * Which trained model a job uses.
 *
 * @param path a checkpoint, or a training output
 * @param average of how many of the newest checkpoints the weights are averaged; 1: none
 * @param compute how it is computed
 */
public record ModelChoice(Path path, int average, ComputeSettings compute) implements Serializable {

  static ModelChoice from(SettingValues values, String group) {
    Limits.positive(group + ".average", values.wide(group + ".average"));
    return new ModelChoice(values.neededPath(group + ".model"), values.integer(group + ".average"), ComputeSettings.from(values));
  }
}
