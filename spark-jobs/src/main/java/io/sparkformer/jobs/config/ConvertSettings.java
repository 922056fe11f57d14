package io.sparkformer.jobs.config;

import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * The {@code convert} group.
 *
 * @param from a model folder, a training output or a checkpoint
 * @param to the model folder to write
 * @param overwrite whether an existing folder is replaced
 * @param dtype float32, float16 or bfloat16
 */
public record ConvertSettings(Path from, Path to, boolean overwrite, String dtype) {
  public ConvertSettings {
    Limits.oneOf("convert.dtype", dtype, List.of("float32", "float16", "bfloat16"));
  }

  static ConvertSettings from(SettingValues values) {
    return new ConvertSettings(values.neededPath("convert.from"), values.neededPath("convert.to"), values.isOn("convert.overwrite"),
        values.needed("convert.dtype"));
  }
}
