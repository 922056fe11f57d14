package io.sparkformer.model.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs the benchmarks whose names contain a regular expression, all for none, and prints one table: {@code KernelBenchmarks [REGEX
 * [THREADS]]}. {@code submit-scripts/bench.sh kernels} calls it.
 */
public final class KernelBenchmarks {
  private KernelBenchmarks() {}

  public static void main(String[] arguments) throws RunnerException, IOException {
    String regex = arguments.length > 0 ? arguments[0] : "";
    int threads = arguments.length > 1 ? Integer.parseInt(arguments[1]) : Runtime.getRuntime().availableProcessors();
    ChainedOptionsBuilder options = new OptionsBuilder().include("io\\.sparkformer\\.model\\.benchmark\\..*(?:" + regex + ")")
        .param("threads", Integer.toString(threads)).jvmArgsAppend("--add-modules=jdk.incubator.vector");
    if (KernelSet.here().size() < KernelSet.values().length) {
      options.param("kernelSet", KernelSet.here().stream().map(KernelSet::name).toArray(String[]::new));
    }
    print(new Runner(options.build()).run(), threads);
  }

  private static void print(Collection<RunResult> results, int threads) throws IOException {
    Map<String, Map<KernelSet, String>> rows = new TreeMap<>();
    for (RunResult result : results) {
      String name = result.getParams().getBenchmark().replaceFirst(".*\\.", "");
      String row = "%-22s %-5s".formatted(name, result.getParams().getParam("size").toLowerCase(Locale.ROOT));
      rows.computeIfAbsent(row, key -> new TreeMap<>()).put(KernelSet.valueOf(result.getParams().getParam("kernelSet")),
          String.format(Locale.ROOT, "%.2f +- %.2f", result.getPrimaryResult().getScore(), result.getPrimaryResult().getScoreError()));
    }
    System.out.printf("%nProcessor: %s; JVM: %s %s; threads: %d%n", processor(), System.getProperty("java.vm.name"),
        System.getProperty("java.vm.version"), threads);
    for (KernelSet set : KernelSet.here()) {
      System.out.println(set + ": " + set.kernels(threads).description());
    }
    System.out.println("Milliseconds a call, mean +- error of 99.9 %; training is a forward and a backward pass after an update.");
    List<String> header = new ArrayList<>();
    header.add("%-22s %-5s".formatted("kernel", "size"));
    Stream.of(KernelSet.values()).forEach(set -> header.add("%18s".formatted(set)));
    System.out.println(String.join(" ", header));
    rows.forEach((row, scores) -> {
      StringBuilder line = new StringBuilder(row);
      for (KernelSet set : KernelSet.values()) {
        line.append(" %18s".formatted(scores.getOrDefault(set, "-")));
      }
      System.out.println(line);
    });
  }

  /** The processor's name where Linux tells it. */
  private static String processor() throws IOException {
    Path file = Path.of("/proc/cpuinfo");
    if (!Files.exists(file)) {
      return System.getProperty("os.arch");
    }
    try (Stream<String> lines = Files.lines(file)) {
      return lines.filter(line -> line.startsWith("model name")).map(line -> line.replaceFirst(".*: ", "")).findFirst()
          .orElse(System.getProperty("os.arch"));
    }
  }
}
