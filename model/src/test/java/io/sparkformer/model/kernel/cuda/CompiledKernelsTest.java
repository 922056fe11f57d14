package io.sparkformer.model.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every program compiled for real devices, where this machine has nvcc of CUDA 13: none spills registers. Elsewhere it is skipped. */
class CompiledKernelsTest {
  private static final Path SOURCES = Path.of("src/main/resources/io/sparkformer/model/kernel/cuda/code");
  /** Of attention: of GPT-2; of Llama 3; of Mistral, with a window; of Falcon's linear biases; of T5. */
  private static final List<String> ATTENTIONS = List.of(
      "-DWIDTH=64 -DGROUP=1 -DCAUSAL=1 -DWINDOW=0 -DBUCKETS=0 -DALIBI=0",
      "-DWIDTH=128 -DGROUP=4 -DCAUSAL=1 -DWINDOW=0 -DBUCKETS=0 -DALIBI=0",
      "-DWIDTH=128 -DGROUP=4 -DCAUSAL=1 -DWINDOW=4096 -DBUCKETS=0 -DALIBI=0",
      "-DWIDTH=64 -DGROUP=1 -DCAUSAL=1 -DWINDOW=0 -DBUCKETS=0 -DALIBI=1",
      "-DWIDTH=64 -DGROUP=1 -DCAUSAL=0 -DWINDOW=0 -DBUCKETS=32 -DALIBI=0",
      "-DWIDTH=256 -DGROUP=1 -DCAUSAL=1 -DWINDOW=0 -DBUCKETS=0 -DALIBI=0");

  @ParameterizedTest
  @ValueSource(strings = {"sm_80", "sm_90", "sm_100"})
  void everyProgramCompilesWithoutSpills(String architecture, @TempDir Path folder) throws Exception {
    assumeTrue(run(folder, List.of("nvcc", "--version")).contains("release 13"), "needs nvcc of CUDA 13");
    List<Path> programs;
    try (Stream<Path> files = Files.list(SOURCES)) {
      programs = files.filter(file -> file.toString().endsWith(".cu")).sorted().toList();
    }
    assertThat(programs).hasSizeGreaterThan(5);
    for (Path program : programs) {
      for (String definitions : program.endsWith("attention.cu") ? ATTENTIONS : List.of("")) {
        Path source = Files.writeString(folder.resolve(program.getFileName()),
            Files.readString(SOURCES.resolve("common.h")) + Files.readString(program));
        List<String> command = new ArrayList<>(List.of("nvcc", "-arch=" + architecture, "-std=c++17", "-cubin", "-Xptxas", "-v", "-o",
            folder.resolve("out.cubin").toString(), source.toString()));
        if (!definitions.isEmpty()) {
          command.addAll(List.of(definitions.split(" ")));
        }
        String printed = run(folder, command);
        assertThat(printed).as("%s %s", program, definitions).contains("Compiling entry function").doesNotContain("error");
        assertThat(printed.lines().filter(line -> line.contains("spill"))).as("%s %s", program, definitions).isNotEmpty()
            .allSatisfy(line -> assertThat(line).contains("0 bytes spill stores, 0 bytes spill loads"));
      }
    }
  }

  /** What the command prints; nothing if there is no such command. */
  private static String run(Path folder, List<String> command) throws Exception {
    Process process;
    try {
      process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    } catch (IOException e) {
      return "";
    }
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return printed;
  }
}
