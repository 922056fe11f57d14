package io.sparkformer.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The scripts under a user's number that has no name and no home, as in OpenShift's containers; only root can become such a user. */
class UnknownUserIT {
  private static final String NUMBER = "12345";
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

  @Test
  void aJobRunsForAUserWithoutANameAndAHome() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root") && new File("/usr/bin/setpriv").canExecute(), "needs root and setpriv");
    assumeTrue(!Files.readString(Path.of("/etc/passwd")).contains(":" + NUMBER + ":"), "the number has a name here");
    Path folder = Files.createTempDirectory(Path.of("/tmp"), "unknown-user");
    try {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
      Path text = Files.writeString(folder.resolve("text"), "A line of some words.\n");
      ProcessBuilder job = new ProcessBuilder(List.of("setpriv", "--reuid=" + NUMBER, "--regid=" + NUMBER, "--clear-groups",
          PROJECT.resolve("submit-scripts/evaluate.sh").toString(), "--hypotheses", text.toString(), "--references", text.toString()));
      job.environment().putAll(Map.of("HOME", "/nonexistent", "SPARKFORMER_LOG_DIR", folder.toString(),
          "SPARKFORMER_MASTER", "local[1]", "SPARKFORMER_DRIVER_MEMORY", "512m"));
      Path printed = folder.resolve("printed");
      Process process = job.redirectErrorStream(true).redirectOutput(printed.toFile()).start();
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("ended in time").isTrue();
      assertThat(Files.readString(printed)).contains("the operating system has no name for this user").contains(" = 100.00 ")
          .doesNotContain("Exception").doesNotContain("incubator modules");
      assertThat(process.exitValue()).isZero();
    } finally {
      try (var files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
      }
    }
  }
}
