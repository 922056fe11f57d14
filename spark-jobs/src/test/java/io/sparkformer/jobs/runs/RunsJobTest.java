package io.sparkformer.jobs.runs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Runs in folders that hold only metrics; those of whole training outputs are compared in WatchingTest. */
class RunsJobTest {
  @TempDir
  private Path folder;

  @Test
  void runsAreListedTheLatestFirst() throws IOException {
    run("a/model", 1_000, "{\"kind\":\"end\",\"time\":62000,\"step\":20,\"ending\":\"steps\",\"text\":\"stopped\"}");
    run("b", 100_000, "{\"kind\":\"failure\",\"time\":140000,\"step\":20,\"text\":\"no room\"}");
    run("c", System.currentTimeMillis(), "{\"kind\":\"note\",\"step\":20,\"text\":\"\"}");
    Files.createDirectories(folder.resolve("nothing/here"));
    List<String> lines = started(folder.toString()).lines()
        .map(line -> line.replace(folder.toString(), "F").replaceAll(" +", " ")).toList();
    assertThat(lines).containsExactly("run state step best loss BLEU duration", "F/c running 20/40 1.2500 17.50 0 s",
        "F/b failed 20/40 1.2500 17.50 40 s", "F/a/model finished 20/40 1.2500 17.50 1:01 min");
  }

  @Test
  void aReportIsWrittenAgainAndTwoRunsAreComparedOnAPage() throws IOException {
    run("a", 1_000, "{\"kind\":\"note\",\"step\":20,\"text\":\"\"}");
    run("b", 2_000, "{\"kind\":\"note\",\"step\":20,\"text\":\"\"}");
    assertThat(started("--report", folder + "/a")).contains("report: ");
    assertThat(folder.resolve("a/report.html")).content().contains("<polyline", "lost");
    assertThat(started("--page", folder + "/ab.html", folder + "/a", folder + "/b")).contains("best validation loss 1.2500 at step 20",
        "settings that differ:");
    assertThat(folder.resolve("ab.html")).content().contains("1: " + folder + "/a", "2: " + folder + "/b", "</html>");
  }

  @Test
  void aFolderWithoutRunsSaysSo() {
    assertThat(started(folder.toString())).isEqualTo("no runs\n");
  }

  @Test
  void noFolderAndThreeFoldersAreWrongUsageInOneLine() {
    assertThat(refused()).isEqualTo("error: Missing required parameter: 'FOLDER [OTHER]' (runs.sh --help lists the options)\n");
    assertThat(refused("a", "b", "c")).isEqualTo("error: Unmatched argument at index 2: 'c' (runs.sh --help lists the options)\n");
  }

  private static String refused(String... args) {
    StringWriter printed = new StringWriter();
    assertThat(RunsJob.program().setErr(new PrintWriter(printed)).execute(args)).isEqualTo(2);
    return printed.toString();
  }

  private String started(String... args) {
    StringWriter printed = new StringWriter();
    CommandLine program = RunsJob.program().setOut(new PrintWriter(printed));
    assertThat(program.execute(args)).isZero();
    return printed.toString();
  }

  private void run(String name, long time, String last) throws IOException {
    Files.write(Files.createDirectories(folder.resolve(name).resolve("metrics")).resolve("from-step-00000000.jsonl"), List.of(
        "{\"kind\":\"start\",\"time\":%d,\"step\":0,\"places\":[\"here\"],\"threads\":1}".formatted(time),
        "{\"kind\":\"training\",\"time\":%d,\"step\":10,\"max_steps\":40,\"loss\":2.5}".formatted(time),
        "{\"kind\":\"validation\",\"time\":%d,\"step\":20,\"nll\":1.25,\"bleu\":17.5,\"best\":true}".formatted(time), last));
  }
}
