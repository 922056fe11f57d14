package io.sparkformer.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NoticeTest {
  /** What only tests use is not part of what the project gives away. */
  private static final List<String> TEST_GROUPS =
      List.of("/junit/", "/assertj/", "/opentest4j/", "/apiguardian/", "/bytebuddy/", "/surefire/", "/hadoop-client-minicluster/",
          "/hamcrest/", "/snakeyaml/");

  @Test
  void noticeNamesEveryDependency() throws IOException {
    Pattern word = Pattern.compile("[^\\s,:()]+");
    Set<String> named = word.matcher(Files.readString(Path.of("../NOTICE"))).results().map(found -> found.group())
        .collect(Collectors.toSet());
    String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> artifacts = Stream.of(classPath.split(File.pathSeparator))
        .map(entry -> entry.replace(File.separatorChar, '/'))
        .filter(entry -> entry.endsWith(".jar") && !entry.contains("sparkformer")
            && TEST_GROUPS.stream().noneMatch(entry::contains))
        // A Maven repository is laid out as group/artifact/version/file.jar.
        .map(entry -> Path.of(entry).getParent().getParent().getFileName().toString()).distinct().toList();
    assertThat(artifacts).hasSizeGreaterThan(100).contains("picocli", "nd4j-native");
    assertThat(artifacts).as("dependencies whose licences NOTICE must name").allMatch(named::contains);
  }
}
