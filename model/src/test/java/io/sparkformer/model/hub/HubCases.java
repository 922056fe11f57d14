package io.sparkformer.model.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.architecture.Architectures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The golden cases: every folder with a {@code case.json} below the tests' own {@code golden/hf}, or below the folder that
 * {@code -Dsparkformer.golden.hf.dir} names instead.
 */
final class HubCases {
  private static final Path OWN = Path.of("src/test/resources/golden/hf");

  private HubCases() {}

  /** One of the tests' own. */
  static Path own(String name) {
    return OWN.resolve(name);
  }

  /** All cases of families that are supported; the others are printed. */
  static List<Path> supported() throws IOException {
    String named = System.getProperty("sparkformer.golden.hf.dir", "");
    Path root = named.isBlank() ? OWN : Path.of(named);
    List<Path> all;
    try (Stream<Path> children = Files.list(root)) {
      all = children.filter(child -> Files.exists(child.resolve("case.json"))).sorted().toList();
    }
    List<Path> supported = all.stream().filter(folder -> Architectures.isSupported(HubCase.family(folder))).toList();
    all.stream().filter(folder -> !supported.contains(folder)).forEach(folder -> System.out.printf(
        "Skipped golden case %s: no family has model_type %s%n", folder.getFileName(), HubCase.family(folder)));
    assertThat(supported).as("cases of supported families in %s", root.toAbsolutePath()).isNotEmpty();
    return supported;
  }
}
