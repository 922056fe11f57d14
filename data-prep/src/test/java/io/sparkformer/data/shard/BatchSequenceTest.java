package io.sparkformer.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchSequenceTest {

  /** 230 pairs in shards of 50: a window of 64 crosses shards, the last window is short. */
  private static final List<SentencePair> PAIRS = PreparedFolder.pairs(230, 30, 1);
  private static final BatchPlan PLAN = new BatchPlan(5, 120, 64);

  @TempDir
  static Path folder;

  @BeforeAll
  static void writeShards() throws IOException {
    PreparedFolder.write(folder, PAIRS, 50);
  }

  @Test
  void everyPairComesExactlyOncePerEpoch() {
    List<ExampleBatch> batches = epochs(PLAN, 3);
    for (int epoch = 0; epoch < 3; epoch++) {
      assertThat(pairsOf(batches, epoch)).hasSize(PAIRS.size()).containsExactlyInAnyOrderElementsOf(PAIRS);
    }
  }

  @Test
  void sameSeedGivesTheSameSequence() {
    assertThat(epochs(PLAN, 2)).isEqualTo(epochs(PLAN, 2));
  }

  @Test
  void anotherSeedOrEpochGivesAnotherOrder() {
    List<ExampleBatch> batches = epochs(PLAN, 2);
    assertThat(pairsOf(batches, 0)).isNotEqualTo(pairsOf(batches, 1));
    assertThat(pairsOf(epochs(new BatchPlan(6, 120, 64), 1), 0)).isNotEqualTo(pairsOf(batches, 0));
  }

  @Test
  void batchesStayWithinTheBudgetOnBothSidesAndUseIt() {
    List<ExampleBatch> batches = epochs(PLAN, 1);
    assertThat(batches).allSatisfy(batch -> {
      assertThat(batch.tokens(0)).isLessThanOrEqualTo(120);
      assertThat(batch.tokens(1)).isLessThanOrEqualTo(120);
    });
    long fuller = batches.stream().filter(batch -> Math.max(batch.tokens(0), batch.tokens(1)) > 90).count();
    assertThat(fuller).isGreaterThan(batches.size() * 8L / 10);
  }

  @Test
  void pairsOfABatchAreOfSimilarLength() {
    for (ExampleBatch batch : epochs(PLAN, 1)) {
      assertThat(batch.examples(SentencePair.class)).isSortedAccordingTo(Comparator.comparingInt(SentencePair::length));
    }
  }

  @Test
  void batchesOfSoManyExamplesAreCountedBeforehandAndNotSorted() {
    for (int window : new int[] {64, 1000}) {
      BatchPlan plan = new BatchPlan(5, 1, window, 7);
      List<ExampleBatch> batches = epochs(new BatchPlan(5, Integer.MAX_VALUE, window, 7), 2);
      assertThat(batches).hasSize((int) (2 * plan.batchesOfEpoch(PAIRS.size())));
      assertThat(pairsOf(batches, 0)).containsExactlyInAnyOrderElementsOf(PAIRS).isNotEqualTo(pairsOf(batches, 1));
      assertThat(batches.stream().filter(batch -> batch.examples().size() == 7).count()).isGreaterThanOrEqualTo(2L * 9 * (230 / 64));
      assertThat(batches).anySatisfy(batch -> assertThat(batch.examples(SentencePair.class))
        .isNotEqualTo(batch.examples(SentencePair.class).stream().sorted(Comparator.comparingInt(SentencePair::length)).toList()));
    }
  }

  @Test
  void batchesOfAWindowComeInRandomOrder() {
    List<Integer> lengths = epochs(PLAN, 1).stream().filter(batch -> batch.position().window() == 0)
      .map(batch -> batch.examples(SentencePair.class).get(0).length()).toList();
    assertThat(lengths).hasSizeGreaterThan(5);
    assertThat(lengths).isNotEqualTo(lengths.stream().sorted().toList());
  }

  @Test
  void resumedSequenceIsTheTailOfTheUninterruptedOneAtEveryPosition() {
    List<ExampleBatch> whole = epochs(PLAN, 2);
    for (int stopped = 0; stopped < whole.size(); stopped++) {
      BatchPosition next = stopped == 0 ? BatchPosition.START : whole.get(stopped - 1).next();
      assertThat(next).isEqualTo(whole.get(stopped).position());
      int read = Math.min(12, whole.size() - stopped);
      assertThat(batches(PLAN, next, read)).isEqualTo(whole.subList(stopped, stopped + read));
    }
  }

  @Test
  void resumedSequenceSkipsRowGroupsAndShards() throws IOException {
    Path large = Files.createDirectory(folder.resolve("large"));
    PreparedFolder.write(large, PreparedFolder.pairs(60_000, 3, 2), 25_000);
    BatchPlan plan = new BatchPlan(1, 4000, 9000);
    List<ExampleBatch> whole = new ArrayList<>();
    try (BatchSequence sequence = open(large, plan, BatchPosition.START)) {
      while (sequence.position().epoch() == 0) {
        whole.add(sequence.next());
      }
    }
    for (long window = 0; window < 7; window++) {
      BatchPosition start = new BatchPosition(0, window, 1);
      ExampleBatch expected = whole.stream().filter(batch -> batch.position().equals(start)).findFirst().orElseThrow();
      try (BatchSequence sequence = open(large, plan, start)) {
        assertThat(sequence.next()).isEqualTo(expected);
      }
    }
  }

  @Test
  void singlePassEndsAfterEveryPairInTheOrderOfTheText() {
    List<ExampleBatch> batches = new ArrayList<>();
    try (BatchSequence sequence = BatchSequence.onePass(
        PreparedFolder.HADOOP, PreparedFolder.path(folder), DataPart.VALIDATION, new BatchPlan(1, 40, 3), Readers.ALONE)) {
      sequence.forEachRemaining(batches::add);
      assertThat(sequence.hasNext()).isFalse();
      assertThatThrownBy(sequence::next).isInstanceOf(NoSuchElementException.class);
    }
    assertThat(batches.get(batches.size() - 1).next()).isNull();
    for (int window = 0; window < 3; window++) {
      int number = window;
      List<SentencePair> pairs = batches.stream().filter(batch -> batch.position().window() == number)
        .flatMap(batch -> batch.examples(SentencePair.class).stream()).toList();
      assertThat(pairs).containsExactlyInAnyOrderElementsOf(PAIRS.subList(3 * window, Math.min(7, 3 * window + 3)));
    }
  }

  @Test
  void sentenceThatNoBatchCanHoldIsNamedAtOnce() {
    assertThatThrownBy(() -> open(folder, new BatchPlan(1, 20, 64), BatchPosition.START))
      .isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("A batch of 20 tokens cannot hold the longest sentence")
      .hasMessageContaining("31 tokens")
      .hasMessageContaining("set train.batch-tokens to at least 31");
  }

  @Test
  void positionOutsideTheDataIsRefused() {
    assertThatThrownBy(() -> open(folder, PLAN, new BatchPosition(0, 4, 0)))
      .isInstanceOf(InvalidInputException.class).hasMessageContaining("No batch at epoch 0, window 4, batch 0");
    try (BatchSequence sequence = open(folder, PLAN, new BatchPosition(0, 3, 500))) {
      assertThatThrownBy(sequence::next)
        .isInstanceOf(InvalidInputException.class).hasMessageContaining("No batch at epoch 0, window 3, batch 500");
    }
  }

  @Test
  void missingShardIsNamed() throws IOException {
    Path broken = copy("missing");
    Files.delete(broken.resolve("train/shard-00002.parquet"));
    assertThatThrownBy(() -> readEpoch(broken)).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("Missing shard").hasMessageContaining("train/shard-00002.parquet (50 examples by the manifest)")
      .hasMessageContaining("run prepare again");
  }

  @Test
  void truncatedShardIsNamedWithBothSizes() throws IOException {
    Path broken = copy("truncated");
    Path shard = broken.resolve("train/shard-00003.parquet");
    byte[] bytes = Files.readAllBytes(shard);
    Files.write(shard, Arrays.copyOf(bytes, bytes.length - 10));
    assertThatThrownBy(() -> readEpoch(broken)).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("Corrupt shard").hasMessageContaining("train/shard-00003.parquet")
      .hasMessageContaining(bytes.length + " bytes expected, " + (bytes.length - 10) + " found");
  }

  @Test
  void alteredShardIsFoundByItsChecksum() throws IOException {
    Path broken = copy("altered");
    Path shard = broken.resolve("train/shard-00001.parquet");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[bytes.length / 2] ^= 1;
    Files.write(shard, bytes, StandardOpenOption.TRUNCATE_EXISTING);
    assertThatThrownBy(() -> readEpoch(broken)).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("Corrupt shard").hasMessageContaining("train/shard-00001.parquet").hasMessageContaining("SHA-256");
  }

  @Test
  void alteredShardIsNamedAlsoWhenTheFileSystemFindsItFirst() throws IOException {
    Path broken = copy("altered-locally");
    Files.copy(folder.resolve("train/.shard-00001.parquet.crc"), broken.resolve("train/.shard-00001.parquet.crc"));
    Path shard = broken.resolve("train/shard-00001.parquet");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[bytes.length / 2] ^= 1;
    Files.write(shard, bytes);
    assertThatThrownBy(() -> readEpoch(broken)).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("Corrupt shard").hasMessageContaining("train/shard-00001.parquet")
      .hasMessageContaining("the file system's own checksum");
  }

  @Test
  void closedSequenceDeliversNothing() {
    BatchSequence sequence = open(folder, PLAN, BatchPosition.START);
    sequence.next();
    sequence.close();
    sequence.close();
    assertThatThrownBy(sequence::next).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
  }

  private static void readEpoch(Path prepared) {
    try (BatchSequence sequence = open(prepared, PLAN, BatchPosition.START)) {
      while (sequence.next().epoch() == 0) {
        assertThat(sequence.position()).isNotNull();
      }
    }
  }

  /** A copy without the local file system's own checksum files. */
  private static Path copy(String name) throws IOException {
    Path copy = Files.createDirectory(folder.resolve(name));
    Files.createDirectory(copy.resolve("train"));
    Files.copy(folder.resolve("manifest.json"), copy.resolve("manifest.json"));
    try (var files = Files.newDirectoryStream(folder.resolve("train"), "shard-*")) {
      for (Path file : files) {
        Files.copy(file, copy.resolve("train").resolve(file.getFileName()));
      }
    }
    return copy;
  }

  private static BatchSequence open(Path prepared, BatchPlan plan, BatchPosition start) {
    return BatchSequence.endless(PreparedFolder.HADOOP, PreparedFolder.path(prepared), plan, start, Readers.ALONE);
  }

  private static List<ExampleBatch> epochs(BatchPlan plan, int epochs) {
    List<ExampleBatch> batches = new ArrayList<>();
    try (BatchSequence sequence = open(folder, plan, BatchPosition.START)) {
      while (sequence.position().epoch() < epochs) {
        batches.add(sequence.next());
      }
    }
    return batches;
  }

  private static List<ExampleBatch> batches(BatchPlan plan, BatchPosition start, int count) {
    List<ExampleBatch> batches = new ArrayList<>();
    try (BatchSequence sequence = open(folder, plan, start)) {
      while (batches.size() < count) {
        batches.add(sequence.next());
      }
    }
    return batches;
  }

  private static List<SentencePair> pairsOf(List<ExampleBatch> batches, int epoch) {
    return batches.stream().filter(batch -> batch.epoch() == epoch).flatMap(batch -> batch.examples(SentencePair.class).stream()).toList();
  }
}
