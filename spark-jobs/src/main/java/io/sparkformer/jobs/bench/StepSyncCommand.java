package io.sparkformer.jobs.bench;

import io.sparkformer.jobs.cli.CommandLines;
import io.sparkformer.jobs.transport.WirePrecision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.ToIntFunction;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code bench.sh step-sync}: the average-and-update step. */
final class StepSyncCommand {
  static final String NAME = "step-sync";

  private StepSyncCommand() {}

  static CommandLine of() {
    CommandSpec spec = CommandSpec.create().name("bench.sh " + NAME);
    spec.addOption(PositiveOption.of("--d-model", "512", "width of the network whose parameters travel"));
    spec.addOption(PositiveOption.of("--layers", "6", "layers of its encoder and of its decoder"));
    spec.addOption(PositiveOption.of("--vocabulary", "16000", "its vocabulary, one table for source, target and output"));
    spec.addOption(PositiveOption.of("--sentences", "32", "sentences of 32 tokens in a worker's batch, where a network trains"));
    spec.addOption(PositiveOption.of("--steps", "10", "steps to take the median of"));
    spec.addOption(OptionSpec.builder("--wire-precision").paramLabel("NAME").type(String.class).defaultValue("float32")
        .description("what travels between processes: float32 or bfloat16; default float32").build());
    spec.addOption(OptionSpec.builder("--scaling").description("table of 1, 2, 4, 8 workers in one JVM and 10, 50, 200 million"
        + " parameters; the largest needs 16 GB").build());
    spec.addOption(OptionSpec.builder("--model").description("measure what a step consists of, and predict it for 10, 25 and 100 Gb/s"
        + " and up to 256 workers").build());
    spec.usageMessage().description("Times how workers exchange gradients and parameters: between processes, in one, and beside a"
        + " training network.");
    return CommandLines.of(spec, StepSyncCommand::run);
  }

  private static int run(CommandLine command) {
    CommandLine.ParseResult given = command.getParseResult();
    ToIntFunction<String> number = name -> PositiveOption.value(given, name);
    int steps = number.applyAsInt("--steps");
    StepSyncBench bench = new StepSyncBench(number.applyAsInt("--d-model"), number.applyAsInt("--layers"),
        number.applyAsInt("--vocabulary"), number.applyAsInt("--sentences"), steps,
        WirePrecision.parse(given.matchedOptionValue("--wire-precision", "float32")), command.getOut());
    try {
      if (given.hasMatchedOption("--scaling")) {
        bench.scaling();
      } else if (given.hasMatchedOption("--model")) {
        bench.model();
      } else {
        bench.run();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot run worker processes: " + e.getMessage(), e);
    }
    return 0;
  }

  /** Of the paper's network with an inner width of 4 * d_model and one embedding. */
  static long parameters(long dModel, long layers, long vocabulary) {
    long attention = 4 * (dModel * dModel + dModel);
    long feedForward = 8 * dModel * dModel + 5 * dModel;
    long norm = 2 * dModel;
    return vocabulary * dModel + layers * (attention + feedForward + 2 * norm) + layers * (2 * attention + feedForward + 3 * norm);
  }
}
