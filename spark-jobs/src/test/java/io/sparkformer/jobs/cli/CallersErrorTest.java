package io.sparkformer.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link CallersError}, and submit-scripts/stderr.sh with a shell in the place of Java. */
class CallersErrorTest {
  private static final Path SCRIPT = Path.of("..", "submit-scripts", "stderr.sh").toAbsolutePath().normalize();
  private static final String WARNING = "WARNING: Using incubator modules: jdk.incubator.vector";

  @TempDir
  Path folder;

  @Test
  void onlyTheWarningIsLeftOutAndTheStatusIsThatOfTheProgram() throws Exception {
    Ended ended = run("echo Picked up options >&2; echo '" + WARNING + "' >&2; echo 'WARNING: another' >&2; echo result; "
        + "printf 'fatal: no line end' >&2; exit 7");
    assertThat(ended.error()).isEqualTo("Picked up options\nWARNING: another\nfatal: no line end\n");
    assertThat(ended.output()).isEqualTo("result\n");
    assertThat(ended.status()).isEqualTo(7);
  }

  @Test
  void whatAJobPrintsToTheCallersErrorKeepsItsOrderWithStandardOutput() throws Exception {
    Path both = folder.resolve("both");
    new ProcessBuilder("bash", "-c", ". '" + SCRIPT + "'; echo '" + WARNING + "' >&2; "
        + "exec bash -c 'echo settings >&9; echo score; printf \"1 of 2\\r\" >&9; echo done; "
        + "test $SPARKFORMER_STDERR = $$:9 || echo wrong'")
        .redirectErrorStream(true).redirectOutput(both.toFile()).start().waitFor(20, TimeUnit.SECONDS);
    assertThat(both).hasContent("settings\nscore\n1 of 2\rdone\n");
  }

  @Test
  void aSignalToAllProcessesOfTheScriptLeavesTheLastWordsOfTheProgram() throws Exception {
    // Not SIGINT, as from Ctrl-C: what a build in the background starts ignores it.
    Ended ended = run("trap \"echo saving >&2; exit 143\" TERM; kill -TERM 0; sleep 20");
    assertThat(ended.error()).isEqualTo("saving\n");
    assertThat(ended.status()).isEqualTo(143);
  }

  @Test
  void theDescriptorOfThisProcessIsWrittenTo() throws Exception {
    Path file = folder.resolve("file");
    try (FileOutputStream opened = new FileOutputStream(file.toFile())) {
      Field number = FileDescriptor.class.getDeclaredField("fd");
      number.setAccessible(true);
      PrintStream stream = CallersError.open(ProcessHandle.current().pid() + ":" + number.getInt(opened.getFD())).orElseThrow();
      stream.println("äöü");
    }
    assertThat(file).hasContent("äöü\n");
  }

  @Test
  void aValueOfAnotherProcessOrNoneIsIgnored() {
    long other = ProcessHandle.current().pid() + 1;
    assertThat(CallersError.open(null)).isEmpty();
    assertThat(CallersError.open("9")).isEmpty();
    assertThat(CallersError.open(other + ":9")).isEmpty();
  }

  private record Ended(String output, String error, int status) {
  }

  /** Runs a shell program as the scripts run Java, in a session of its own. */
  private static Ended run(String program) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("setsid", "-w", "bash", "-c", ". '" + SCRIPT + "'; exec bash -c \"$0\"", program).start();
    // Read to its end, which comes when the filter has ended.
    String error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(output, error, process.waitFor());
  }
}
