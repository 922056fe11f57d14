package io.sparkformer.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.SparkForTests;
import io.sparkformer.data.SplitMix64;
import io.sparkformer.data.corpus.CleaningReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents from a table to batches of rows. */
class RowShardsTest {

  private static final int END = 2;
  private static final RowFormat ROWS = new RowFormat(16, END);
  private static final int DOCUMENTS = 403;
  /** Document i begins with the id 1000 + i. Some are longer than a shard, some are empty. */
  private static final List<int[]> TEXT = documents();

  /** More batches than a window of 50 rows has: 8 of 6 rows each, and one of the rest. */
  private static final int SEVERAL = 12;

  private static SparkSession spark;

  @TempDir
  private static Path folder;

  @BeforeAll
  static void start() throws IOException {
    spark = SparkForTests.session();
    write("data", 3);
  }

  @Test
  void shardsHoldAllDocumentsInOnePieceEach() throws IOException {
    ShardManifest manifest = ShardManifest.read(PreparedFolder.HADOOP, PreparedFolder.path(folder.resolve("data")));
    assertThat(manifest.kind()).isEqualTo(ExampleKind.TOKEN_ROWS);
    assertThat(manifest.rows()).isEqualTo(ROWS);
    assertThat(manifest.train().shards()).hasSizeGreaterThan(8);
    Map<Integer, int[]> found = new TreeMap<>();
    int order = 0;
    int inOrder = 0;
    for (Shard shard : manifest.train().shards()) {
      for (int[] document : split(stream(shard))) {
        if (document.length > 0) {
          assertThat(found.put(document[0], document)).isNull();
          inOrder += document[0] > order ? 1 : 0;
          order = document[0];
        }
      }
    }
    List<int[]> expected = TEXT.stream().filter(document -> document.length > 0).toList();
    assertThat(new ArrayList<>(found.values())).usingRecursiveComparison().isEqualTo(expected);
    assertThat(inOrder).as("documents that follow the one before in the text too").isLessThan(2 * expected.size() / 3);
    long tokens = TEXT.stream().mapToLong(document -> document.length + 1).sum();
    long rows = manifest.train().examples();
    assertThat(rows).as("rows of %d tokens", tokens).isBetween(tokens / 16, tokens / 16 + manifest.train().shards().size() + 1);
  }

  @Test
  void shardsDoNotDependOnThePartitionsOfTheTable() throws IOException {
    assertThat(write("one", 1)).isEqualTo(write("seven", 7));
  }

  @Test
  void sparkReadsTheShardsAsATableOfIdLists() {
    assertThat(spark.read().parquet(folder.resolve("data/train").toString()).schema().simpleString())
      .isEqualTo("struct<tokens:array<int>>");
  }

  @Test
  void everyRowComesOncePerEpochAndAResumedSequenceGoesOnAtEveryBatch() {
    BatchPlan plan = new BatchPlan(4, 100, 50);
    List<ExampleBatch> whole = batches(plan, BatchPosition.START, 2);
    List<ExampleBatch> first = whole.stream().filter(batch -> batch.epoch() == 0).toList();
    List<Example> rows = first.stream().flatMap(batch -> batch.examples().stream()).toList();
    ShardManifest manifest = ShardManifest.read(PreparedFolder.HADOOP, PreparedFolder.path(folder.resolve("data")));
    assertThat(rows).hasSize((int) manifest.train().examples());
    List<Example> second = whole.stream().filter(batch -> batch.epoch() == 1).flatMap(batch -> batch.examples().stream()).toList();
    assertThat(second).containsExactlyInAnyOrderElementsOf(rows).isNotEqualTo(rows);
    assertThat(first).allSatisfy(batch -> assertThat(batch.tokens(0)).isLessThanOrEqualTo(100));
    assertThat(first.stream().filter(batch -> batch.tokens(0) == 96).count()).isGreaterThan(first.size() / 2);
    assertThat(batches(plan, whole.get(1).position(), 2)).isEqualTo(whole.subList(1, whole.size()));
    for (int stopped = 2; stopped < first.size(); stopped += 3) {
      assertThat(next(plan, whole.get(stopped).position())).isEqualTo(whole.subList(stopped, stopped + SEVERAL));
    }
  }

  @Test
  void shiftedRowsHoldTheShardAsACircleAndCanBeSkipped() throws IOException {
    ShardManifest manifest = ShardManifest.read(PreparedFolder.HADOOP, PreparedFolder.path(folder.resolve("data")));
    Set<Integer> lastRows = new HashSet<>();
    for (Shard shard : manifest.train().shards()) {
      List<int[]> stored = rows(reader(shard), 0);
      List<Integer> circle = stream(shard);
      circle.remove(circle.size() - 1);
      lastRows.add(circle.size() - (stored.size() - 1) * ROWS.tokens());
      for (int offset : new int[] {1, 7, 15}) {
        List<int[]> rows = rows(new ShiftedRows(reader(shard), shard, ROWS.tokens(), offset), 0);
        assertThat(rows).extracting(row -> row.length).isEqualTo(stored.stream().map(row -> row.length).toList());
        List<Integer> shifted = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
          Arrays.stream(rows.get(i)).limit(rows.get(i).length - 1).forEach(shifted::add);
          assertThat(rows.get(i)[rows.get(i).length - 1]).isEqualTo(rows.get((i + 1) % rows.size())[0]);
        }
        Collections.rotate(shifted, offset);
        assertThat(shifted).isEqualTo(circle);
        for (int skipped = 1; skipped <= rows.size(); skipped += 3) {
          assertThat(rows(new ShiftedRows(reader(shard), shard, ROWS.tokens(), offset), skipped)).usingRecursiveComparison()
            .isEqualTo(rows.subList(skipped, rows.size()));
        }
      }
    }
    assertThat(lastRows).as("tokens of the last rows").anyMatch(tokens -> tokens < 7).anyMatch(tokens -> tokens > 7);
  }

  @Test
  void randomCutsDifferFromEpochToEpochAndAreResumedAtEveryBatch() {
    BatchPlan plan = new BatchPlan(4, 100, 50, 0, RowCuts.RANDOM);
    List<ExampleBatch> whole = batches(plan, BatchPosition.START, 2);
    List<List<TokenRow>> epochs = IntStream.range(0, 2).mapToObj(epoch -> whole.stream().filter(batch -> batch.epoch() == epoch)
      .flatMap(batch -> batch.examples(TokenRow.class).stream()).toList()).toList();
    assertThat(tokens(epochs.get(0))).isEqualTo(tokens(epochs.get(1)));
    // A shard in sixteen is cut at the same places twice.
    assertThat(epochs.get(1)).filteredOn(new HashSet<>(epochs.get(0))::contains).hasSizeLessThan(epochs.get(1).size() / 4);
    for (int stopped = 1; stopped < whole.size() - SEVERAL; stopped += 7) {
      assertThat(next(plan, whole.get(stopped).position())).isEqualTo(whole.subList(stopped, stopped + SEVERAL));
    }
  }

  /** What a network reads of rows, sorted. */
  private static int[] tokens(List<TokenRow> rows) {
    return rows.stream().flatMapToInt(row -> Arrays.stream(row.tokens()).limit(row.tokens(0))).sorted().toArray();
  }

  @Test
  void rowThatNoBatchCanHoldIsNamedAtOnce() {
    assertThatThrownBy(() -> batches(new BatchPlan(1, 15, 50), BatchPosition.START, 1)).isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("A batch of 15 tokens cannot hold a row").hasMessageContaining("16 tokens")
      .hasMessageContaining("train.batch-tokens").hasMessageContaining("prepare.row-tokens");
  }

  private static List<ExampleBatch> next(BatchPlan plan, BatchPosition start) {
    try (BatchSequence sequence = BatchSequence.endless(PreparedFolder.HADOOP, PreparedFolder.path(folder.resolve("data")), plan, start,
        Readers.ALONE)) {
      return Stream.generate(sequence::next).limit(SEVERAL).toList();
    }
  }

  private static List<ExampleBatch> batches(BatchPlan plan, BatchPosition start, int epochs) {
    List<ExampleBatch> batches = new ArrayList<>();
    try (BatchSequence sequence = BatchSequence.endless(PreparedFolder.HADOOP, PreparedFolder.path(folder.resolve("data")), plan, start,
        Readers.ALONE)) {
      while (sequence.position().epoch() < epochs) {
        batches.add(sequence.next());
      }
    }
    return batches;
  }

  private static ShardManifest write(String name, int partitions) throws IOException {
    org.apache.hadoop.fs.Path path = PreparedFolder.path(folder.resolve(name));
    ShardLayout layout = ShardLayout.ofRows(ROWS, 700);
    StructType schema = new StructType().add(ShardWriter.LINE, DataTypes.LongType)
      .add("tokens", DataTypes.createArrayType(DataTypes.IntegerType));
    List<Row> rows = IntStream.range(0, DOCUMENTS)
      .mapToObj(i -> RowFactory.create((long) i, Arrays.stream(TEXT.get(i)).boxed().toList())).toList();
    Dataset<Row> table = spark.createDataFrame(rows, schema).repartition(partitions);
    CleaningReport cleaning = new CleaningReport(DOCUMENTS, DOCUMENTS, Map.of());
    ShardManifest manifest = new ShardManifest(ShardManifest.FORMAT_VERSION, ExampleKind.TOKEN_ROWS, ROWS, 1, PreparedFolder.VOCABULARY,
      "0".repeat(64), new ShardWriter(path, DataPart.TRAIN, 1, layout).write(table, cleaning),
      new ShardWriter(path, DataPart.VALIDATION, 1, layout).write(table, cleaning));
    manifest.write(PreparedFolder.HADOOP, path);
    return manifest;
  }

  /** All that a shard holds, one row after another. */
  private static List<Integer> stream(Shard shard) throws IOException {
    List<Integer> stream = new ArrayList<>();
    for (int[] ids : rows(reader(shard), 0)) {
      Arrays.stream(ids).skip(stream.isEmpty() ? 0 : 1).forEach(stream::add);
    }
    return stream;
  }

  private static ShardReader reader(Shard shard) throws IOException {
    return new ShardReader(PreparedFolder.HADOOP, shard.path(PreparedFolder.path(folder.resolve("data"))), ExampleKind.TOKEN_ROWS);
  }

  private static List<int[]> rows(ExampleSource source, int skipped) throws IOException {
    List<int[]> rows = new ArrayList<>();
    try (source) {
      source.skip(skipped);
      for (Example row = source.next(); row != null; row = source.next()) {
        rows.add(row.ids()[0]);
      }
    }
    return rows;
  }

  private static List<int[]> split(List<Integer> stream) {
    assertThat(stream.get(0)).isEqualTo(END);
    List<int[]> documents = new ArrayList<>();
    int begin = 1;
    for (int i = 1; i < stream.size(); i++) {
      if (stream.get(i) == END) {
        documents.add(stream.subList(begin, i).stream().mapToInt(Integer::intValue).toArray());
        begin = i + 1;
      }
    }
    assertThat(begin).isEqualTo(stream.size());
    return documents;
  }

  private static List<int[]> documents() {
    SplitMix64 random = SplitMix64.of(7);
    return IntStream.range(0, DOCUMENTS).mapToObj(i -> {
      int length = i % 97 == 5 ? 1500 : i % 41 == 3 ? 0 : 1 + random.nextBelow(40);
      return IntStream.range(0, length).map(t -> t == 0 ? 1000 + i : 5 + random.nextBelow(90)).toArray();
    }).toList();
  }
}
