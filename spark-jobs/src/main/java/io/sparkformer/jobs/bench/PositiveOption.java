package io.sparkformer.jobs.bench;

import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Options of the benchmarks that are whole numbers above 0. */
final class PositiveOption {
  private PositiveOption() {}

  static OptionSpec of(String name, String usual, String what) {
    return OptionSpec.builder(name).paramLabel("N").type(int.class).defaultValue(usual).description(what + "; default " + usual).build();
  }

  /** The value that was given, or the usual one. */
  static int value(CommandLine.ParseResult given, String name) {
    int value = given.matchedOptionValue(name, (Integer) given.commandSpec().findOption(name).getValue());
    if (value <= 0) {
      throw new IllegalArgumentException("Invalid %s: %d (must be > 0)".formatted(name, value));
    }
    return value;
  }
}
