package io.sparkformer.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.cpu.Int8Kernels;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.spi.SLF4JServiceProvider;

/** Machines that lack something, as processes of their own: each runs, computes the same, and logs what was missing. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KernelFallbackTest {
  private static final String VECTORS = "--add-modules=jdk.incubator.vector";
  private static final Pattern DIFFERENCE = Pattern.compile("(\\w+): .*; difference (\\S+)");

  private static final String NO_INSTRUCTIONS =
      "the processor, or oneDNN's limit ONEDNN_MAX_CPU_ISA, has no instructions for bfloat16 (AVX512_BF16, AMX)";

  @TempDir
  private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"AVX2", "SSE41"})
  void olderProcessorsRunTheCpuKernelsInFloat32AndBfloat16(String instructionSet) throws Exception {
    List<String> output = run(List.of(VECTORS), jar -> true, Map.of("ONEDNN_MAX_CPU_ISA", instructionSet), "AUTO", "BFLOAT16", "INT8");
    assertThat(output).anyMatch(line -> line.startsWith("INFO Kernels: CPU kernels: oneDNN 3.")
        && line.contains("(%s), ".formatted(instructionSet)) && line.endsWith("float32, 2 thread(s) (kernels = auto, precision = auto)"));
    assertThat(output).contains("INFO precision = auto is float32 here: " + NO_INSTRUCTIONS);
    assertThat(output).anyMatch(line -> line.equals("WARN precision = bfloat16 is no faster than float32 here: " + NO_INSTRUCTIONS));
    assertThat(output).anyMatch(line -> line.endsWith(
        "bfloat16 emulated by float32 products, 2 thread(s) (kernels = auto, precision = bfloat16)"));
    assertThat(difference(output, "AUTO")).isLessThan(1e-5);
    assertThat(difference(output, "BFLOAT16")).isBetween(1e-5, 2e-2);
    assertThat(output).contains("INT8 is refused: precision = int8 needs AVX-512 VNNI, which the processor, or oneDNN's limit "
        + "ONEDNN_MAX_CPU_ISA, lacks; use precision = auto");
  }

  @Test
  void processorsWithVnniAndWithoutBfloat16SayThatInt8IsThere() throws Exception {
    Int8Kernels.assumeTheyRun();
    List<String> output = run(List.of(VECTORS), jar -> true, Map.of("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_VNNI"), "AUTO", "INT8");
    assertThat(output).contains("INFO precision = auto is float32 here: " + NO_INSTRUCTIONS
        + "; precision = int8 runs here, is faster and rounds more: it is there to be tried");
    assertThat(output).anyMatch(line -> line.endsWith("8-bit integers with 32-bit sums, 2 thread(s) (kernels = auto, precision = int8)"));
    assertThat(difference(output, "AUTO")).isLessThan(1e-5);
    assertThat(difference(output, "INT8")).isBetween(1e-3, 1e-1);
  }

  @Test
  void withoutTheVectorApiThePortableKernelsRun() throws Exception {
    List<String> output = run(List.of(), jar -> true, Map.of(), "AUTO");
    assertThat(output).contains("WARN The fast CPU kernels cannot run here: the Vector API is not there; start Java with "
        + "--add-modules=jdk.incubator.vector, as Spark's launchers do. Falling back to the portable kernels, "
        + "which are several times slower");
    assertThat(output).anyMatch(line -> line.startsWith("INFO Kernels: portable ND4J kernels on CpuBackend"));
    assertThat(difference(output, "AUTO")).isLessThan(1e-5);
  }

  @Test
  void withoutOneDnnsNativesThePortableKernelsRun() throws Exception {
    List<String> output = run(List.of(VECTORS), jar -> !(jar.contains("dnnl-") && jar.contains("x86_64")), Map.of(), "AUTO");
    assertThat(output).anyMatch(line ->
        line.startsWith("WARN The fast CPU kernels cannot run here: oneDNN's native library cannot be loaded (java.lang.UnsatisfiedLink")
            && line.endsWith("Falling back to the portable kernels, which are several times slower"));
    assertThat(output).anyMatch(line -> line.startsWith("INFO Kernels: portable ND4J kernels on CpuBackend"));
    assertThat(difference(output, "AUTO")).isLessThan(1e-5);
  }

  /** Nothing of oneDNN is there to be called. */
  @Test
  void onOtherArchitecturesThePortableKernelsRun() throws Exception {
    List<String> output = runOn("linux-arm64", List.of(VECTORS), jar -> !jar.contains("dnnl-"), Map.of(), "AUTO", "FLOAT32", "BFLOAT16");
    assertThat(output).contains("WARN The fast CPU kernels cannot run here: they are for x86-64 processors, this platform is linux-arm64. "
        + "Falling back to the portable kernels, which are several times slower");
    assertThat(output).anyMatch(line -> line.startsWith("INFO Kernels: portable ND4J kernels on CpuBackend"));
    assertThat(difference(output, "AUTO")).isLessThan(1e-5);
    assertThat(difference(output, "FLOAT32")).isLessThan(1e-5);
    assertThat(output).contains("BFLOAT16 is refused: precision = bfloat16 needs the fast CPU kernels; use precision = float32");
  }

  private List<String> run(List<String> options, Predicate<String> keptJars, Map<String, String> environment, String... precisions)
      throws Exception {
    return runOn("linux-x86_64", options, keptJars, environment, precisions);
  }

  /** The lines that a Java process with these options, this part of our class path and this environment prints. */
  private List<String> runOn(String platform, List<String> options, Predicate<String> keptJars, Map<String, String> environment,
      String... precisions) throws Exception {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(SLF4JServiceProvider.class.getName()), PrintedLog.class.getName());
    String classPath = Arrays.stream(classPath()).filter(keptJars).collect(Collectors.joining(File.pathSeparator));
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m"));
    command.addAll(options);
    command.addAll(List.of("-cp", folder + File.pathSeparator + classPath, SelectionOnOtherMachines.class.getName(),
        platform));
    command.addAll(List.of(precisions));
    Path printed = folder.resolve("printed");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(printed.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      assertThat(process.waitFor(100, TimeUnit.SECONDS)).as("ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(printed);
    assertThat(process.exitValue()).as("exit status; printed: %s", lines).isZero();
    return lines;
  }

  private static String[] classPath() throws IOException {
    String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    assertThat(classPath).contains(Path.of(CpuKernels.class.getProtectionDomain().getCodeSource().getLocation().getPath()).toString());
    return classPath.split(File.pathSeparator);
  }

  private static double difference(List<String> output, String precision) {
    return output.stream().map(DIFFERENCE::matcher).filter(Matcher::matches).filter(found -> found.group(1).equals(precision))
        .mapToDouble(found -> Double.parseDouble(found.group(2))).findFirst().orElseThrow(() -> new AssertionError(output));
  }
}
