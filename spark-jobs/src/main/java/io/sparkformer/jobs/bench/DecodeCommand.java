package io.sparkformer.jobs.bench;

import io.sparkformer.jobs.cli.CommandLines;
import java.util.function.ToIntFunction;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code bench.sh decode}: translating with the paper's network. */
final class DecodeCommand {
  static final String NAME = "decode";

  private DecodeCommand() {}

  static CommandLine of() {
    CommandSpec spec = CommandSpec.create().name("bench.sh " + NAME);
    spec.addOption(PositiveOption.of("--d-model", "512", "width of the network"));
    spec.addOption(PositiveOption.of("--layers", "6", "layers of its encoder and of its decoder"));
    spec.addOption(PositiveOption.of("--vocabulary", "16000", "its vocabulary, one table for source, target and output"));
    spec.addOption(PositiveOption.of("--sentences", "512", "sentences of a round"));
    spec.addOption(PositiveOption.of("--source", "25", "tokens of each sentence"));
    spec.addOption(PositiveOption.of("--target", "25", "tokens of each translation"));
    spec.addOption(PositiveOption.of("--batch", "64", "sentences that a worker decodes together"));
    spec.addOption(PositiveOption.of("--beam", "1", "hypotheses of each"));
    spec.addOption(PositiveOption.of("--workers", "2", "networks that share the sentences"));
    spec.addOption(PositiveOption.of("--threads", "1", "threads of each"));
    spec.addOption(PositiveOption.of("--rounds", "3", "rounds to take the median of"));
    spec.addOption(OptionSpec.builder("--precision").paramLabel("NAME").type(String.class).defaultValue("fp32")
        .description("of the products: fp32, bf16 or int8; default fp32").build());
    spec.addOption(OptionSpec.builder("--profile").type(boolean.class).arity("0")
        .description("also print where the time of the last round goes").build());
    spec.usageMessage().description("Times how fast a network of random weights translates, with the search of the translate job.");
    spec.usageMessage().footerHeading("%nExamples:%n").footer("  bench.sh decode --precision int8 --beam 4");
    return CommandLines.of(spec, DecodeCommand::run);
  }

  private static int run(CommandLine command) {
    CommandLine.ParseResult given = command.getParseResult();
    ToIntFunction<String> number = name -> PositiveOption.value(given, name);
    int source = number.applyAsInt("--source");
    int target = number.applyAsInt("--target");
    DecodeBench bench = new DecodeBench(
        BenchNetwork.paper(number.applyAsInt("--d-model"), number.applyAsInt("--layers"), number.applyAsInt("--vocabulary"),
            Math.max(512, Math.max(source, target) + 2)),
        number.applyAsInt("--sentences"), source, target, number.applyAsInt("--batch"), number.applyAsInt("--beam"),
        number.applyAsInt("--workers"), number.applyAsInt("--threads"),
        BenchJob.precision(given.matchedOptionValue("--precision", "fp32")));
    bench.run(command.getOut(), number.applyAsInt("--rounds"), given.hasMatchedOption("--profile"));
    return 0;
  }
}
