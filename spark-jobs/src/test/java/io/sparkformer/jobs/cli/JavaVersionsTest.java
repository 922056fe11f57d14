package io.sparkformer.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavaVersionsTest {
  private static final Path BUILD = Path.of("..", "submit-scripts", "build.sh").toAbsolutePath().normalize();

  @Test
  void onlyANewerVersionThanAllThatWereTestedIsWarnedOf() {
    assertThat(JavaVersions.warning(17)).isEmpty();
    assertThat(JavaVersions.warning(25)).isEmpty();
    assertThat(JavaVersions.warning(26)).contains("Java 26 is newer than those that Sparkformer was tested with (17, 21, 25); if this job "
        + "fails, set JAVA_HOME to one of them");
  }

  @Test
  void theScriptsRefuseAnOlderVersionInOneLine(@TempDir Path java) throws IOException, InterruptedException {
    Files.createDirectory(java.resolve("bin"));
    Files.createFile(java.resolve("bin/java")).toFile().setExecutable(true);
    for (Map.Entry<String, String> version : Map.of("1.8.0_422", "8", "11.0.24", "11").entrySet()) {
      Files.writeString(java.resolve("release"), "IMPLEMENTOR=\"Any\"\nJAVA_VERSION=\"" + version.getKey() + "\"\n");
      ProcessBuilder build = new ProcessBuilder("bash", BUILD.toString()).redirectErrorStream(true);
      build.environment().put("JAVA_HOME", java.toString());
      Process process = build.start();
      String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(printed).isEqualTo("error: Java %s is too old (%s); install a JDK 17, 21 or 25, or set JAVA_HOME to one%n"
          .formatted(version.getValue(), java.toRealPath()));
      assertThat(process.waitFor()).isEqualTo(1);
    }
  }
}
