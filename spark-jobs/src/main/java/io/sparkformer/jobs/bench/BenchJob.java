package io.sparkformer.jobs.bench;

import io.sparkformer.jobs.cli.CommandLines;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.Processors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The bench program: whole training steps ({@link TrainBench}), or the exchange between workers ({@link StepSyncCommand}). */
public final class BenchJob {
  private static final List<String> SIZES = List.of("D_MODEL", "LAYERS", "VOCAB", "BATCH", "TIME");
  private static final List<String> COMMON = List.of("STEPS", "THREADS", "fp32|bf16|int8");

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
    spec.addPositional(PositionalParamSpec.builder().paramLabel("[" + String.join(" ", SIZES) + "] " + String.join(" ", COMMON))
        .hideParamSyntax(true).type(List.class).auxiliaryTypes(String.class).index("1..*").arity("1..*").required(true)
        .description("sizes of the paper's network, where no architecture is named: BATCH sentences of TIME tokens on either side; steps "
            + "that count; threads; precision of the products").build());
    spec.addOption(OptionSpec.builder("--architecture").paramLabel("NAME").type(String.class)
        .description("a language model instead, which predicts every next token: gpt2, llama, ...").build());
    spec.addOption(OptionSpec.builder("--preset").paramLabel("NAME").type(String.class)
        .description("its published network; without, one of about 130 million parameters").build());
    spec.addOption(OptionSpec.builder("--batch").paramLabel("SEQUENCES").type(int.class).defaultValue("4")
        .description("its sequences in a step (default: 4)").build());
    spec.addOption(OptionSpec.builder("--length").paramLabel("TOKENS").type(int.class).defaultValue("512")
        .description("tokens of each (default: 512)").build());
    spec.addOption(OptionSpec.builder("--device").paramLabel("NUMBER").type(int.class)
        .description("compute on this NVIDIA device, as nvidia-smi counts, instead of the CPU").build());
    spec.addOption(OptionSpec.builder("--profile").type(boolean.class).arity("0")
        .description("also print where the time of the steps goes").build());
    spec.usageMessage().description("Times training steps: forward, backward, Adam.");
    spec.usageMessage().footerHeading("%nExamples:%n").footer("  bench.sh train 512 6 16000 64 32 5 2 fp32",
        "  bench.sh train --architecture gpt2 3 2 bf16");
    return spec;
  }

  private static int run(CommandLine command) {
    CommandLine.ParseResult parsed = command.getParseResult();
    String what = parsed.matchedPositionalValue(0, "");
    if (!what.equals("train")) {
      throw new IllegalArgumentException("Unknown benchmark: %s (must be train)".formatted(what));
    }
    List<String> given = parsed.matchedPositionalValue(1, List.of());
    String architecture = parsed.matchedOptionValue("--architecture", null);
    List<String> names = new ArrayList<>(architecture == null ? SIZES : List.of());
    names.addAll(COMMON);
    if (given.size() != names.size()) {
      throw new IllegalArgumentException("There must be %d values after train: %s; found %s".formatted(names.size(),
          String.join(" ", names), String.join(" ", given)));
    }
    int[] sizes = IntStream.range(0, names.size() - 1).map(i -> positive(names.get(i), given.get(i))).toArray();
    Workload workload = architecture == null
        ? Workload.paper(sizes[0], sizes[1], sizes[2], sizes[3], sizes[4])
        : Workload.languageModel(architecture, parsed.matchedOptionValue("--preset", null),
            positive("--batch", parsed.matchedOptionValue("--batch", 4).toString()),
            positive("--length", parsed.matchedOptionValue("--length", 512).toString()));
    int threads = sizes[sizes.length - 1];
    Integer device = parsed.matchedOptionValue("--device", null);
    new TrainBench(workload, sizes[sizes.length - 2], device == null ? Processors.ofHost(threads) : Processors.withDevice(threads, device),
        precision(given.get(names.size() - 1)))
        .run(command.getOut(), parsed.hasMatchedOption("--profile"));
    return 0;
  }

  private static int positive(String name, String value) {
    if (!value.matches("[1-9]\\d{0,8}")) {
      throw new IllegalArgumentException("Invalid %s: %s (must be a whole number > 0)".formatted(name, value));
    }
    return Integer.parseInt(value);
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
