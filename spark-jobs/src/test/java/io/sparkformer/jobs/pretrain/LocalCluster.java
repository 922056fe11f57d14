package io.sparkformer.jobs.pretrain;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A standalone cluster of separate processes, started and stopped by submit-scripts/cluster-local.sh: workers with two slots each. */
final class LocalCluster implements AutoCloseable {
  static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final long PATIENCE_SECONDS = 200;

  private final Path folder;
  private final String master;

  private LocalCluster(Path folder, String master) {
    this.folder = folder;
    this.master = master;
  }

  static LocalCluster start(Path folder, int workers) throws IOException {
    return start(folder, workers, Map.of());
  }

  static LocalCluster start(Path folder, int workers, Map<String, String> environment) throws IOException {
    String said = run(List.of("submit-scripts/cluster-local.sh", "start", "--dir", folder.toString(), "--port", "0",
        "--workers", Integer.toString(workers), "--cores", "2", "--memory", "2g"), environment);
    return new LocalCluster(folder, said.lines().filter(line -> line.startsWith("master: ")).findFirst().orElseThrow().substring(8));
  }

  String master() {
    return master;
  }

  /** The processes of the executors that run now, the oldest first. */
  List<ProcessHandle> executors() throws IOException {
    List<ProcessHandle> executors = new ArrayList<>();
    try (var files = Files.newDirectoryStream(folder, "worker-*.pid")) {
      for (Path file : files) {
        ProcessHandle.of(Long.parseLong(Files.readString(file).trim())).stream().flatMap(ProcessHandle::children)
            .filter(ProcessHandle::isAlive).forEach(executors::add);
      }
    }
    executors.sort(Comparator.comparing(process -> process.info().startInstant().orElseThrow()));
    return executors;
  }

  /** Runs a program in the project's folder to its end; returns what it printed to standard output. */
  static String run(List<String> command, Map<String, String> environment) throws IOException {
    Path errors = Files.createTempFile("cluster", ".txt");
    Path output = Files.createTempFile("cluster", ".txt");
    try {
      Process process = start(command, environment, output, errors);
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new IOException(command + " is still running after " + PATIENCE_SECONDS + " s: " + Files.readString(output)
            + Files.readString(errors));
      }
      if (process.exitValue() != 0) {
        throw new IOException(command + " ended with status " + process.exitValue() + ": " + Files.readString(errors));
      }
      return Files.readString(output, StandardCharsets.UTF_8);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(command + " was interrupted", e);
    } finally {
      Files.delete(errors);
      Files.delete(output);
    }
  }

  /** Starts a program in the project's folder. */
  static Process start(List<String> command, Map<String, String> environment, Path output, Path errors) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(PROJECT.toFile()).redirectOutput(output.toFile())
        .redirectError(errors.toFile());
    builder.environment().remove("SPARK_HOME");
    builder.environment().putAll(environment);
    return builder.start();
  }

  @Override
  public void close() throws IOException {
    run(List.of("submit-scripts/cluster-local.sh", "stop", "--dir", folder.toString()), Map.of());
  }
}
