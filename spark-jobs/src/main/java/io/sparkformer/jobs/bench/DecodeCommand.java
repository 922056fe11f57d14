package io.sparkformer.jobs.bench;

import io.sparkformer.jobs.cli.CommandLines;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code bench.sh decode}: translating with the paper's network. */
final class DecodeCommand {
  static final String NAME = "decode";

  private DecodeCommand() {}

  static CommandLine of() {
    CommandSpec spec = CommandSpec.create().name("bench.sh " + NAME);
    spec.addOption(number("--d-model", "512", "width of the network"));
    spec.addOption(number("--layers", "6", "layers of its encoder and of its decoder"));
    spec.addOption(number("--vocabulary", "16000", "its vocabulary, one table for source, target and output"));
    spec.addOption(number("--sentences", "512", "sentences of a round"));
    spec.addOption(number("--source", "25", "tokens of each sentence"));
    spec.addOption(number("--target", "25", "tokens of each translation"));
    spec.addOption(number("--batch", "64", "sentences that a worker decodes together"));
    spec.addOption(number("--beam", "1", "hypotheses of each"));
    spec.addOption(number("--workers", "2", "networks that share the sentences"));
    spec.addOption(number("--threads", "1", "threads of each"));
    spec.addOption(number("--rounds", "3", "rounds to take the median of"));
    spec.addOption(OptionSpec.builder("--precision").paramLabel("NAME").type(String.class).defaultValue("fp32")
        .description("of the products: fp32, bf16 or int8; default fp32").build());
    spec.addOption(OptionSpec.builder("--profile").type(boolean.class).arity("0")
        .description("also print where the time of the last round goes").build());
    spec.usageMessage().description("Times how fast a network of random weights translates, with the search of the translate job.");
    spec.usageMessage().footerHeading("%nExamples:%n").footer("  bench.sh decode --precision int8 --beam 4");
    return CommandLines.of(spec, DecodeCommand::run);
  }

  private static OptionSpec number(String name, String usual, String what) {
    return OptionSpec.builder(name).paramLabel("N").type(int.class).defaultValue(usual).description(what + "; default " + usual).build();
  }

  private static int run(CommandLine command) {
    CommandLine.ParseResult given = command.getParseResult();
    int source = positive(given, "--source");
    int target = positive(given, "--target");
    DecodeBench bench = new DecodeBench(
        BenchNetwork.paper(positive(given, "--d-model"), positive(given, "--layers"), positive(given, "--vocabulary"),
            Math.max(512, Math.max(source, target) + 2)),
        positive(given, "--sentences"), source, target, positive(given, "--batch"), positive(given, "--beam"),
        positive(given, "--workers"), positive(given, "--threads"), BenchJob.precision(given.matchedOptionValue("--precision", "fp32")));
    bench.run(command.getOut(), positive(given, "--rounds"), given.hasMatchedOption("--profile"));
    return 0;
  }

  private static int positive(CommandLine.ParseResult given, String name) {
    int value = given.matchedOptionValue(name, (Integer) given.commandSpec().findOption(name).getValue());
    if (value <= 0) {
      throw new IllegalArgumentException("Invalid %s: %d (must be > 0)".formatted(name, value));
    }
    return value;
  }
}
