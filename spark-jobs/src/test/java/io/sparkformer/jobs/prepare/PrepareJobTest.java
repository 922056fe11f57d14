package io.sparkformer.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.jobs.config.Settings;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrepareJobTest {

  @TempDir
  Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private PrintStream usualOut;
  private PrintStream usualErr;

  @BeforeEach
  void redirect() {
    usualOut = System.out;
    usualErr = System.err;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    System.setProperty("spark.master", "local[1]");
    System.setProperty("spark.ui.enabled", "false");
  }

  @AfterEach
  void restore() {
    System.setOut(usualOut);
    System.setErr(usualErr);
    System.clearProperty("spark.master");
    System.clearProperty("spark.ui.enabled");
  }

  @Test
  void helpNamesEveryFlagWithItsSetting() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("--source=FILE", "prepare.train.source", "--tsv=FILE", "--vocabulary=N",
      "default: 16000", "--overwrite");
  }

  @Test
  void settingThatIsMissingIsOneLine() {
    assertThat(run("--output", folder.resolve("out").toString())).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("error: no training text is set");
  }

  @Test
  void missingFileIsOneLineAndStatusOne() {
    String missing = folder.resolve("no.tsv").toString();
    assertThat(run("--tsv", missing, "--output", folder.resolve("out").toString())).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8).lines().toList())
      .endsWith("error: Missing file: " + missing + " does not exist; check the path");
  }

  private static int run(String... arguments) {
    return PrepareJob.program().run(arguments, Settings::prepare, (run, settings) ->
      new Preparation(run.spark(), settings).prepare().lines().forEach(run.out()::println));
  }
}
