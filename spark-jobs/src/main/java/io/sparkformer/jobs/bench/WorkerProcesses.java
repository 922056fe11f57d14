package io.sparkformer.jobs.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.spark.launcher.JavaModuleOptions;

/** Starts workers as processes of one core each, and lets them meet. */
final class WorkerProcesses {
  /** Lines that a worker gives before its result: its process, its address, and that it is connected. */
  private static final int MEETINGS = 3;

  private WorkerProcesses() {}

  /** Runs {@code workers} of them to their end; each gets {@code arguments}. Returns their last lines, in rank order. */
  static List<String> run(int workers, double bitsPerSecond, List<String> arguments) throws IOException {
    String run = UUID.randomUUID().toString();
    List<Process> processes = new ArrayList<>();
    try {
      for (int rank = 0; rank < workers; rank++) {
        List<String> command = command(rank);
        command.addAll(List.of(run, Integer.toString(rank), Integer.toString(workers), Double.toString(bitsPerSecond)));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("OMP_NUM_THREADS", "1");
        builder.environment().put("OMP_WAIT_POLICY", "passive");
        processes.add(builder.start());
      }
      return meet(processes);
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
  }

  private static List<String> command(int rank) {
    List<String> command = new ArrayList<>();
    Path pinning = Path.of("/usr/bin/taskset");
    if (Files.isExecutable(pinning)) {
      command.addAll(List.of(pinning.toString(), "-c", Integer.toString(rank % Runtime.getRuntime().availableProcessors())));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(Arrays.asList(JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(List.of("-XX:ActiveProcessorCount=1", "-XX:+UseSerialGC", "-Xmx1g", "-Dorg.bytedeco.javacpp.maxbytes=0",
        "-Dorg.bytedeco.javacpp.maxphysicalbytes=0", "-Dlog4j2.configurationFile=" + System.getProperty("log4j2.configurationFile", ""),
        "-cp", System.getProperty("java.class.path"), WorkerProcess.class.getName()));
    return command;
  }

  private static List<String> meet(List<Process> processes) throws IOException {
    List<BufferedReader> from = processes.stream().map(process -> new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))).toList();
    List<PrintStream> to = processes.stream().map(process -> new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8))
        .toList();
    List<String> lines = List.of();
    for (int i = 0; i <= MEETINGS; i++) {
      List<String> next = new ArrayList<>();
      for (int rank = 0; rank < from.size(); rank++) {
        String line = from.get(rank).readLine();
        if (line == null) {
          throw new IOException("Worker process " + rank + " ended early; its messages stand above");
        }
        next.add(line);
      }
      lines = next;
      String all = String.join("\t", lines);
      to.forEach(process -> process.println(all));
    }
    return lines;
  }
}
