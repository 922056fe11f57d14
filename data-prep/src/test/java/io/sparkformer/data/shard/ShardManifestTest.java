package io.sparkformer.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
    assertThat(written.part(DataPart.VALIDATION).examples()).isEqualTo(7);
  }

  @Test
  void fingerprintTellsDataApart() throws IOException {
    ShardManifest one = PreparedFolder.write(Files.createDirectory(folder.resolve("one")), PreparedFolder.pairs(25, 9, 1), 10);
    ShardManifest same = PreparedFolder.write(Files.createDirectory(folder.resolve("same")), PreparedFolder.pairs(25, 9, 1), 10);
    ShardManifest other = PreparedFolder.write(Files.createDirectory(folder.resolve("other")), PreparedFolder.pairs(25, 9, 2), 10);
    assertThat(one.fingerprint()).hasSize(64).isEqualTo(same.fingerprint()).isNotEqualTo(other.fingerprint());
    List<SentencePair> swapped = new ArrayList<>(PreparedFolder.pairs(25, 9, 1));
    Collections.swap(swapped, 3, 4);
    assertThat(PreparedFolder.write(Files.createDirectory(folder.resolve("swapped")), swapped, 10).fingerprint())
      .isNotEqualTo(one.fingerprint());
  }

  @Test
  void equalPairsAreTheSameDataWhateverBytesTheirFilesHave() throws IOException {
    ShardManifest one = PreparedFolder.write(Files.createDirectory(folder.resolve("written")), PreparedFolder.pairs(25, 9, 1), 10);
    List<Shard> otherFiles = one.train().shards().stream().map(shard -> new Shard(shard.file(), shard.examples(),
      shard.tokens(), shard.bytes() + 1, "f".repeat(64), shard.contentSha256())).toList();
    ShardManifest again = new ShardManifest(ShardManifest.FORMAT_VERSION, ExampleKind.SENTENCE_PAIRS, null, 1,
      PreparedFolder.VOCABULARY, one.tokenizerSha256(),
      new ShardSet(otherFiles, List.of(9, 9), one.train().lengths(), one.train().cleaning()), one.validation());
    assertThat(again.fingerprint()).isEqualTo(one.fingerprint());
    assertThat(again.hasFingerprint(one.fingerprint())).isTrue();
    // As a program that knew format version 1 only left it in its checkpoints.
    String ofFiles = new ShardManifest(1, ExampleKind.SENTENCE_PAIRS, null, 1, PreparedFolder.VOCABULARY, one.tokenizerSha256(),
      one.train(), one.validation()).fingerprint();
    assertThat(one.hasFingerprint(ofFiles)).isTrue();
    assertThat(again.hasFingerprint(ofFiles)).isFalse();
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
      .hasMessageContaining("format version 1 to 3 expected, 7 found; run prepare again with this version");
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
