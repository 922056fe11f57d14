package io.sparkformer.data.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A folder written by the first release must be read, and give the same batches, for ever: a run may be resumed by a newer version.
 */
class GoldenFolderTest {

  private static final SentencePair FIRST_PAIR = new SentencePair(
    new int[] {0, 604882, 988716, 215511, 534871, 155064, 331931, 336106},
    new int[] {0, 310961, 113714, 282726, 316985, 193168, 736839, 487812, 948455});

  /** First ids of the batches of epoch 0. */
  private static final List<List<Integer>> SEQUENCE = List.of(
    List.of(12, 13, 10, 16), List.of(14, 11, 15, 24), List.of(21, 23, 17, 22, 19, 20), List.of(0, 18),
    List.of(9, 2, 7, 3), List.of(1), List.of(6, 4, 8, 5));

  @Test
  void folderOfFormatVersionOneIsRead() throws URISyntaxException {
    ShardManifest manifest = ShardManifest.read(PreparedFolder.HADOOP, PreparedFolder.path(golden()));
    assertThat(manifest.formatVersion()).isEqualTo(1);
    assertThat(manifest.train().examples()).isEqualTo(25);
    assertThat(manifest.train().longest()).isEqualTo(List.of(9, 9));
    assertThat(manifest.validation().shards().get(0).file()).isEqualTo("validation/shard-00000.parquet");
    assertThat(manifest.train().cleaning().dropped()).isEqualTo(Map.of("empty", 2L));
    try (BatchSequence pass = BatchSequence.onePass(
        PreparedFolder.HADOOP, PreparedFolder.path(golden()), DataPart.VALIDATION, new BatchPlan(1, 100, 1), Readers.ALONE)) {
      assertThat(pass.next().examples().get(0)).isEqualTo(FIRST_PAIR);
    }
  }

  /** What checkpoints of that version hold is a checksum of the files, and a resumed run must know it again. */
  @Test
  void fingerprintOfFormatVersionOneIsTheOneOfItsFiles() throws URISyntaxException {
    ShardManifest manifest = ShardManifest.read(PreparedFolder.HADOOP, PreparedFolder.path(golden()));
    String first = "b13841f7f2f862d88cba75ed73941e3662d4e7873c1a817698552bf75814233c";
    assertThat(manifest.fingerprint()).isEqualTo(first);
    assertThat(manifest.hasFingerprint(first)).isTrue();
    assertThat(manifest.hasFingerprint("0".repeat(64))).isFalse();
  }

  /** Version 2 is version 1 with checksums of content. */
  @Test
  void manifestOfFormatVersionTwoIsRead(@TempDir Path folder) throws IOException, URISyntaxException {
    String first = Files.readString(golden().resolve("manifest.json"));
    String second = first.replace("\"formatVersion\" : 1", "\"formatVersion\" : 2").replaceAll("(\"sha256\" : \"[0-9a-f]+\")",
      "$1, \"contentSha256\" : \"" + "c".repeat(64) + "\"");
    Files.writeString(folder.resolve("manifest.json"), second);
    ShardManifest manifest = ShardManifest.read(PreparedFolder.HADOOP, PreparedFolder.path(folder));
    assertThat(manifest.formatVersion()).isEqualTo(2);
    assertThat(manifest.kind()).isEqualTo(ExampleKind.SENTENCE_PAIRS);
    assertThat(manifest.rows()).isNull();
    assertThat(manifest.train().shards().get(2)).isEqualTo(new Shard("train/shard-00002.parquet", 5, List.of(20L, 18L), 748,
      "ed0fe8e97ac54416344c13b4a18b2d92fc6c37ed37f24cc101209c3b2a8a1b49", "c".repeat(64)));
    assertThat(manifest.train().longest(manifest.kind())).isEqualTo(10);
    assertThat(manifest.train().lengths().examples()).isEqualTo(List.of(16L, 9L));
  }

  @Test
  void sequenceOfBatchesIsTheOneOfTheFirstRelease() throws URISyntaxException {
    List<List<Integer>> firstIds = new ArrayList<>();
    try (BatchSequence sequence = BatchSequence.endless(PreparedFolder.HADOOP, PreparedFolder.path(golden()),
        new BatchPlan(1, 30, 16), BatchPosition.START, Readers.ALONE)) {
      while (sequence.position().epoch() < 1) {
        firstIds.add(sequence.next().examples(SentencePair.class).stream().map(pair -> pair.source()[0]).toList());
      }
    }
    assertThat(firstIds).isEqualTo(SEQUENCE);
  }

  private static Path golden() throws URISyntaxException {
    return Path.of(GoldenFolderTest.class.getResource("/prepared-v1/manifest.json").toURI()).getParent();
  }
}
