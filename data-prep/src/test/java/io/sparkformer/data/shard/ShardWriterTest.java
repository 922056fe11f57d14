package io.sparkformer.data.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.data.SparkForTests;
import io.sparkformer.data.corpus.CleaningReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardWriterTest {

  private static final List<SentencePair> PAIRS = PreparedFolder.pairs(1003, 12, 9);
  private static final CleaningReport CLEANING = new CleaningReport(1003, 1003, Map.of());

  private static SparkSession spark;

  @TempDir
  Path folder;

  @BeforeAll
  static void start() {
    spark = SparkForTests.session();
  }

  @Test
  void everyShardButTheLastIsFullAndEveryPairIsInOne() throws IOException {
    ShardSet shards = write("train", DataPart.TRAIN, 1, 4);
    assertThat(shards.shards().stream().map(Shard::examples).toList()).containsExactly(100L, 100L, 100L, 100L, 100L, 100L, 100L, 100L,
      100L, 100L, 3L);
    assertThat(shards.shards().get(10).file()).isEqualTo("train/shard-00010.parquet");
    assertThat(read("train", shards)).containsExactlyInAnyOrderElementsOf(PAIRS).isNotEqualTo(PAIRS);
    assertThat(shards.examples()).isEqualTo(1003);
    assertThat(shards.tokens(0)).isEqualTo(PAIRS.stream().mapToLong(pair -> pair.source().length).sum());
    assertThat(shards.tokens(1)).isEqualTo(PAIRS.stream().mapToLong(pair -> pair.target().length).sum());
    assertThat(shards.longest()).isEqualTo(List.of(12, 12));
    assertThat(shards.lengths().examples().stream().mapToLong(Long::longValue).sum()).isEqualTo(1003);
  }

  @Test
  void bytesDoNotDependOnThePartitionsOfTheTable() throws IOException {
    assertThat(write("one", DataPart.TRAIN, 1, 1)).isEqualTo(write("seven", DataPart.TRAIN, 1, 7));
  }

  /** Parquet lists them in the order of a hash set, which is another one in every process: with one of them there is one order. */
  @Test
  void everyColumnHasOneEncodingSoThatBytesDoNotDependOnTheProcess() throws IOException {
    ShardSet shards = write("encodings", DataPart.TRAIN, 1, 2);
    HadoopInputFile file = HadoopInputFile.fromPath(shards.shards().get(0).path(new org.apache.hadoop.fs.Path(
      folder.resolve("encodings").toUri())), PreparedFolder.HADOOP);
    try (ParquetFileReader reader = ParquetFileReader.open(file)) {
      assertThat(reader.getRowGroups()).isNotEmpty().allSatisfy(group -> assertThat(group.getColumns()).hasSize(2)
        .allSatisfy(column -> assertThat(column.getEncodings()).containsExactly(Encoding.DELTA_BINARY_PACKED)));
    }
  }

  @Test
  void anotherSeedGivesAnotherOrder() throws IOException {
    assertThat(read("one", write("one", DataPart.TRAIN, 1, 2))).isNotEqualTo(read("two", write("two", DataPart.TRAIN, 2, 2)));
  }

  @Test
  void validationPairsKeepTheOrderOfTheText() throws IOException {
    assertThat(read("validation", write("validation", DataPart.VALIDATION, 1, 5))).isEqualTo(PAIRS);
  }

  @Test
  void shardsVerifyAgainstTheirChecksums() throws IOException {
    for (Shard shard : write("sums", DataPart.TRAIN, 1, 2).shards()) {
      shard.verify(PreparedFolder.HADOOP, PreparedFolder.path(folder.resolve("sums")));
    }
    assertThat(folder.resolve("sums/train").toFile().list((directory, name) -> name.startsWith("_attempt"))).isEmpty();
  }

  @Test
  void sparkReadsTheShardsAsATableOfIdLists() throws IOException {
    write("table", DataPart.VALIDATION, 1, 3);
    Dataset<Row> table = spark.read().parquet(folder.resolve("table/validation").toString());
    assertThat(table.schema().simpleString()).isEqualTo("struct<source:array<int>,target:array<int>>");
    assertThat(table.count()).isEqualTo(1003);
  }

  @Test
  void emptyTableGivesNoShards() throws IOException {
    Dataset<Row> none = table(1).filter("line < 0");
    ShardSet shards = new ShardWriter(PreparedFolder.path(folder.resolve("none")), DataPart.TRAIN, 1, ShardLayout.ofPairs(10))
      .write(none, new CleaningReport(0, 0, Map.of()));
    assertThat(shards.shards()).isEmpty();
    assertThat(shards.examples()).isZero();
  }

  private ShardSet write(String name, DataPart part, long seed, int partitions) throws IOException {
    return new ShardWriter(PreparedFolder.path(folder.resolve(name)), part, seed, ShardLayout.ofPairs(100))
      .write(table(partitions), CLEANING);
  }

  private static Dataset<Row> table(int partitions) {
    StructType schema = new StructType().add(ShardWriter.LINE, DataTypes.LongType)
      .add("source", DataTypes.createArrayType(DataTypes.IntegerType))
      .add("target", DataTypes.createArrayType(DataTypes.IntegerType));
    List<Row> rows = IntStream.range(0, PAIRS.size())
      .mapToObj(i -> RowFactory.create((long) i, boxed(PAIRS.get(i).source()), boxed(PAIRS.get(i).target()))).toList();
    return spark.createDataFrame(rows, schema).repartition(partitions);
  }

  private List<SentencePair> read(String name, ShardSet shards) throws IOException {
    List<SentencePair> pairs = new ArrayList<>();
    for (Shard shard : shards.shards()) {
      try (ShardReader reader = new ShardReader(PreparedFolder.HADOOP,
          shard.path(PreparedFolder.path(folder.resolve(name))), ExampleKind.SENTENCE_PAIRS)) {
        for (Example pair = reader.next(); pair != null; pair = reader.next()) {
          pairs.add((SentencePair) pair);
        }
      }
    }
    return pairs;
  }

  private static List<Integer> boxed(int[] ids) {
    return IntStream.of(ids).boxed().toList();
  }
}
