package io.sparkformer.jobs.bench;

import io.sparkformer.jobs.cli.CommandLines;
import io.sparkformer.model.kernel.Precision;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The bench program: {@code bench.sh train [--profile] D_MODEL LAYERS VOCAB BATCH TIME STEPS THREADS fp32|bf16|int8}, or step-sync. */
public final class BenchJob {
  private static final List<String> SIZES = List.of("D_MODEL", "LAYERS", "VOCAB", "BATCH", "TIME", "STEPS", "THREADS");

  private BenchJob() {}

  public static void main(String[] args) {
    if (args.length > 0 && args[0].equals(StepSyncCommand.NAME)) {
      System.exit(StepSyncCommand.of().execute(Arrays.copyOfRange(args, 1, args.length)));
    }
    System.exit(CommandLines.of(spec(), BenchJob::run).execute(args));
  }

  private static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("bench.sh");
    spec.addPositional(PositionalParamSpec.builder().paramLabel("train").type(String.class).index("0").required(true)
        .description("what to time: whole training steps").build());
    for (int i = 0; i < SIZES.size(); i++) {
      spec.addPositional(PositionalParamSpec.builder().paramLabel(SIZES.get(i)).type(int.class).index(Integer.toString(i + 1))
          .required(true).description(i == 3 ? "sentences" : i == 4 ? "tokens of each, on either side" : "").build());
    }
    spec.addPositional(PositionalParamSpec.builder().paramLabel("fp32|bf16|int8").type(String.class)
        .index(Integer.toString(SIZES.size() + 1)).required(true).description("precision of the products").build());
    spec.addOption(OptionSpec.builder("--profile").type(boolean.class).arity("0")
        .description("also print where the time of the steps goes").build());
    spec.usageMessage().description("Times training steps: forward, backward, Adam.");
    spec.usageMessage().footerHeading("%nExample:%n").footer("  bench.sh train 512 6 16000 64 32 5 2 fp32");
    return spec;
  }

  private static int run(CommandLine command) {
    List<CommandLine.Model.PositionalParamSpec> given = command.getCommandSpec().positionalParameters();
    String what = given.get(0).getValue();
    int[] sizes = new int[SIZES.size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = given.get(i + 1).getValue();
      if (sizes[i] <= 0) {
        throw new IllegalArgumentException("Invalid %s: %d (must be > 0)".formatted(SIZES.get(i), sizes[i]));
      }
    }
    if (!what.equals("train")) {
      throw new IllegalArgumentException("Unknown benchmark: %s (must be train)".formatted(what));
    }
    new TrainBench(sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[6],
        precision(given.get(SIZES.size() + 1).getValue()))
        .run(command.getOut(), command.getParseResult().hasMatchedOption("--profile"));
    return 0;
  }

  private static Precision precision(String name) {
    return switch (name) {
      case "fp32" -> Precision.FLOAT32;
      case "bf16" -> Precision.BFLOAT16;
      case "int8" -> Precision.INT8;
      default -> throw new IllegalArgumentException("Invalid precision: %s (must be fp32, bf16 or int8)".formatted(name));
    };
  }
}
