package io.sparkformer.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardManifestTest {

  @TempDir
  Path folder;

  @Test
  void manifestReadsBackEqual() throws IOException {
    ShardManifest written = PreparedFolder.write(folder, PreparedFolder.pairs(25, 9, 1), 10);
    assertThat(read()).isEqualTo(written);
    assertThat(written.part(DataPart.TRAIN).shards()).hasSize(3);
    assertThat(written.part(DataPart.VALIDATION).pairs()).isEqualTo(7);
  }

  @Test
  void fingerprintTellsDataApart() throws IOException {
    ShardManifest one = PreparedFolder.write(Files.createDirectory(folder.resolve("one")), PreparedFolder.pairs(25, 9, 1), 10);
    ShardManifest same = PreparedFolder.write(Files.createDirectory(folder.resolve("same")), PreparedFolder.pairs(25, 9, 1), 10);
    ShardManifest other = PreparedFolder.write(Files.createDirectory(folder.resolve("other")), PreparedFolder.pairs(25, 9, 2), 10);
    assertThat(one.fingerprint()).hasSize(64).isEqualTo(same.fingerprint()).isNotEqualTo(other.fingerprint());
  }

  @Test
  void folderWithoutManifestIsNamed() {
    assertThatThrownBy(this::read).isInstanceOf(InvalidInputException.class)
      .hasMessageStartingWith("Not a prepared folder: ").hasMessageContaining("has no manifest.json");
  }

  @Test
  void anotherFormatVersionIsRefused() throws IOException {
    writeManifest("{\"formatVersion\": 7}");
    assertThatThrownBy(this::read).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("format version 1 expected, 7 found; run prepare again with this version");
  }

  @Test
  void brokenManifestIsOneClearLine() throws IOException {
    writeManifest("{\"formatVersion\": 1, \"seed\": ");
    assertThatThrownBy(this::read).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("Corrupt manifest").hasMessageNotContaining("\n");
    writeManifest("{\"formatVersion\": 1, \"seed\": 5}");
    assertThatThrownBy(this::read).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("Corrupt manifest").hasMessageContaining("vocabularySize").hasMessageNotContaining("\n");
  }

  private ShardManifest read() {
    return ShardManifest.read(PreparedFolder.HADOOP, PreparedFolder.path(folder));
  }

  private void writeManifest(String json) throws IOException {
    Files.writeString(folder.resolve("manifest.json"), json);
  }
}
