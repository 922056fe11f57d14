package io.sparkformer.jobs.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineageTest {
  private static final Lineage FIRST = Lineage.of(Map.of("tokenizer", "a"));
  private static final Lineage SECOND = Lineage.of(Map.of("tokenizer", "b"));

  @TempDir
  private Path folder;

  @Test
  void theHashIsThatOfTheLinesThatTheFormatNames() {
    // printf 'tokenizer = a\n' | sha256sum; printf 'tokenizer = b\nprevious = THAT\n' | sha256sum
    assertThat(FIRST.hash()).isEqualTo("b9eee51d08284d188e5806f4c52f1356e35ff80e67212b1301206a803577e0d1");
    assertThat(SECOND.after(FIRST).hash()).isEqualTo("ad203afd8849b349adacbcd055b1adc830fc069dae8b342e2a0381ec9c19ac08");
  }

  @Test
  void aRunThatGoesOnWithEqualInputsKeepsItsLineage() {
    assertThat(FIRST.after(FIRST)).isEqualTo(FIRST);
    Lineage changed = SECOND.after(FIRST);
    assertThat(changed.previous()).containsExactly(FIRST.hash());
    assertThat(SECOND.after(changed)).isEqualTo(changed);
    assertThat(FIRST.after(changed).previous()).containsExactly(FIRST.hash(), changed.hash());
    assertThat(List.of(FIRST, SECOND, changed, FIRST.after(changed))).extracting(Lineage::hash).doesNotHaveDuplicates();
  }

  @Test
  void jsonHoldsAllOfIt() {
    assertThat(Lineage.fromJson(SECOND.after(FIRST).toJson())).isEqualTo(SECOND.after(FIRST));
    assertThat(SECOND.toJson().get("hash").asText()).isEqualTo(SECOND.hash());
  }

  @Test
  void theProgramIsKnownByItsBytesAndTheNamesOfItsFiles() throws IOException {
    Path file = Files.write(folder.resolve("a.class"), new byte[] {1, 2, 3});
    String before = Software.codeHash(Set.of(folder));
    assertThat(Software.codeHash(Set.of(folder))).isEqualTo(before).hasSize(64);
    Files.write(file, new byte[] {1, 2, 4});
    String changed = Software.codeHash(Set.of(folder));
    Files.move(file, folder.resolve("b.class"));
    assertThat(List.of(before, changed, Software.codeHash(Set.of(folder)))).doesNotHaveDuplicates();
  }

  @Test
  void thePartsOfTheProgramHaveVersions() throws IOException {
    assertThat(Software.parts()).containsKeys("code", "sparkformer", "java").containsEntry("spark", org.apache.spark.package$.MODULE$
        .SPARK_VERSION()).doesNotContainValue("unknown");
    assertThat(Software.parts().get("onednn")).matches("\\d+\\.\\d+.*");
  }
}
