package io.sparkformer.jobs.config;

import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * The {@code convert} group.
 *
 * @param from a model folder, a training output or a checkpoint
 * @param to the model folder to write
 * @param dtype float32, float16 or bfloat16
 */
public record ConvertSettings(Path from, OutputSettings to, String dtype) {
  public ConvertSettings {
    Limits.oneOf("convert.dtype", dtype, List.of("float32", "float16", "bfloat16"));
  }

  static ConvertSettings from(SettingValues values) {
    return new ConvertSettings(values.neededPath("convert.from"), values.output("convert.to", "convert.overwrite"),
        values.needed("convert.dtype"));
  }
}
