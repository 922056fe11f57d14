package io.sparkformer.jobs.cli;

import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.Settings;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * A flag that stands for a setting.
 *
 * @param name with its dashes, {@code --beam}
 * @param key the setting's key, {@code translate.beam}
 * @param valueName what help calls the value, {@code N}; empty for a switch, which sets {@code true}
 */
record SettingFlag(String name, String key, String valueName, String description) {
  /** Columns that {@link CommandLines} leaves for the description of an option with a long name. */
  private static final int DESCRIPTION_WIDTH = 70;

  /** @param defaults of the job */
  OptionSpec option(Settings defaults) {
    boolean isSwitch = valueName.isEmpty();
    String setting = "(" + key + ", default: " + defaults.valueOf(key).orElse("none") + ")";
    // The key on a line of its own rather than cut in two.
    String border = description.length() + setting.length() < DESCRIPTION_WIDTH ? " " : "%n";
    return OptionSpec.builder(name)
        .type(isSwitch ? boolean.class : String.class)
        .arity(isSwitch ? "0" : "1")
        .paramLabel(valueName)
        .description(description + border + setting)
        .build();
  }

  Assignment assignment(ParseResult line) {
    if (valueName.isEmpty()) {
      return new Assignment(key, "true", name);
    }
    String value = line.matchedOptionValue(name, "");
    return new Assignment(key, value, name + " " + value);
  }

  /** As a person types it: {@code --beam N}. */
  String usage() {
    return valueName.isEmpty() ? name : name + " " + valueName;
  }
}
