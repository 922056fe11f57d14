package io.sparkformer.data.shard;

import io.sparkformer.data.SplitMix64;
import io.sparkformer.data.corpus.CleaningReport;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Writes the shards of one part from a table of encoded text, of which each row is a pair or a document. Its place depends on its line
 * number, the seed and the size of a shard alone, not on the table's partitions.
 *
 * <p>The line numbers are sorted first, without the tokens, to find where each shard begins; then one shuffle brings every line to
 * its shard. Documents are packed shard by shard: only the last row of a shard may be short. The driver holds two numbers per shard.
 */
public final class ShardWriter {

  /** Columns of the table: line number (bigint, unique), and those of the kind of examples (array of int). */
  public static final String LINE = "line";

  private static final String KEY = "key";
  private static final String WEIGHT = "weight";
  private static final String SHARD = "shard";

  private final Path dataFolder;
  private final DataPart part;
  private final long seed;
  private final ShardLayout layout;

  /** The first line of a shard, in the order of the part. */
  private record Begin(long key, long line) implements Serializable, Comparable<Begin> {

    @Override
    public int compareTo(Begin other) {
      return Comparator.comparingLong(Begin::key).thenComparingLong(Begin::line).compare(this, other);
    }
  }

  /** Weights of the lines of a partition: their sum, and that of the last line. */
  private record Weights(long sum, long last) implements Serializable {

    static Weights of(Iterator<Row> rows) {
      long sum = 0;
      long last = 0;
      while (rows.hasNext()) {
        last = rows.next().getLong(2);
        sum += last;
      }
      return new Weights(sum, last);
    }
  }

  /** A finished shard, and the number of lines in it. */
  private record WrittenShard(ShardFileWriter.Written file, long lines) implements Serializable {
  }

  /**
   * @param dataFolder the folder to write into
   * @param part training text is written in random order, validation text by line number
   * @param seed of the random order
   */
  public ShardWriter(Path dataFolder, DataPart part, long seed, ShardLayout layout) {
    this.dataFolder = dataFolder;
    this.part = part;
    this.seed = seed;
    this.layout = layout;
  }

  /** The part that is written. */
  public DataPart part() {
    return part;
  }

  /**
   * Writes all shards; the table is evaluated more than once, so persist it if that is expensive.
   *
   * @param lines with the columns {@link #LINE} and those of the kind of examples
   * @param cleaning what happened to the text before, for the manifest; the lines kept are those of the table
   * @return what was written
   * @throws IOException if the file system fails
   * @throws IllegalStateException if the table does not have as many lines as the report says
   */
  public ShardSet write(Dataset<Row> lines, CleaningReport cleaning) throws IOException {
    Dataset<Row> keyed = lines.withColumn(KEY, key());
    List<WrittenShard> written = new ArrayList<>();
    if (cleaning.kept() > 0) {
      written.addAll(writeShards(keyed, begins(keyed)));
    }
    written.sort(Comparator.comparing(shard -> shard.file().shard().file()));
    removeUnfinished(lines.sparkSession().sparkContext().hadoopConfiguration());
    long linesWritten = written.stream().mapToLong(WrittenShard::lines).sum();
    if (linesWritten != cleaning.kept()) {
      throw new IllegalStateException("Wrote " + linesWritten + " lines of the " + part.text() + " part, expected " + cleaning.kept());
    }
    return new ShardSet(
      written.stream().map(shard -> shard.file().shard()).toList(),
      IntStream.range(0, layout.kind().columns().size())
        .mapToObj(column -> written.stream().mapToInt(shard -> shard.file().statistics().longest().get(column)).max().orElse(0)).toList(),
      written.stream().map(shard -> shard.file().statistics().lengths()).reduce(LengthHistogram.EMPTY, LengthHistogram::plus),
      cleaning);
  }

  private Column key() {
    if (part == DataPart.VALIDATION) {
      return functions.col(LINE);
    }
    long shuffleSeed = seed;
    UDF1<Long, Long> hash = line -> SplitMix64.hash(shuffleSeed, line);
    return functions.udf(hash, DataTypes.LongType).apply(functions.col(LINE));
  }

  /** Where each shard begins: the first before everything, each other one at the first line behind a multiple of the shard size. */
  private Begin[] begins(Dataset<Row> keyed) {
    long size = layout.shardSize();
    JavaRDD<Row> sorted = keyed.withColumn(WEIGHT, layout.weight()).select(KEY, LINE, WEIGHT).sort(KEY, LINE).toJavaRDD();
    List<Weights> partitions = sorted.mapPartitions(rows -> List.of(Weights.of(rows)).iterator()).collect();
    long[] place = new long[partitions.size()];
    long[] shard = new long[partitions.size()];
    for (int i = 1; i < place.length; i++) {
      Weights before = partitions.get(i - 1);
      place[i] = place[i - 1] + before.sum();
      shard[i] = before.sum() == 0 ? shard[i - 1] : (place[i] - before.last()) / size;
    }
    List<Begin> begins = new ArrayList<>(List.of(new Begin(Long.MIN_VALUE, Long.MIN_VALUE)));
    begins.addAll(sorted.mapPartitionsWithIndex((partition, rows) ->
      begins(rows, place[partition], shard[partition], size), true).collect());
    return begins.toArray(new Begin[0]);
  }

  /**
   * @param firstPlace weight of all lines before
   * @param shardBefore number of the shard that holds the beginning of the line before
   */
  private static Iterator<Begin> begins(Iterator<Row> rows, long firstPlace, long shardBefore, long size) {
    List<Begin> begins = new ArrayList<>();
    long place = firstPlace;
    long shard = shardBefore;
    while (rows.hasNext()) {
      Row row = rows.next();
      if (place / size > shard) {
        begins.add(new Begin(row.getLong(0), row.getLong(1)));
      }
      shard = place / size;
      place += row.getLong(2);
    }
    return begins.iterator();
  }

  private List<WrittenShard> writeShards(Dataset<Row> keyed, Begin[] begins) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(keyed.sparkSession().sparkContext());
    Broadcast<SerializableConfiguration> hadoop = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    Broadcast<Begin[]> shards = spark.broadcast(begins);
    UDF2<Long, Long, Integer> shardOf = (key, line) -> {
      int found = Arrays.binarySearch(shards.value(), new Begin(key, line));
      return found >= 0 ? found : -found - 2;
    };
    Column shard = functions.udf(shardOf, DataTypes.IntegerType).apply(functions.col(KEY), functions.col(LINE));
    String folder = dataFolder.toString();
    DataPart kind = part;
    ShardLayout shipped = layout;
    try {
      return new ArrayList<>(keyed.withColumn(SHARD, shard)
        .repartitionById(begins.length, functions.col(SHARD))
        .sortWithinPartitions(SHARD, KEY, LINE)
        .select(SHARD, layout.kind().columns().toArray(String[]::new))
        .toJavaRDD()
        .mapPartitions(rows -> writePartition(rows, hadoop.value().value(), new Path(folder), kind, shipped))
        .collect());
    } finally {
      hadoop.destroy();
      shards.destroy();
    }
  }

  /** Writes the shards of one partition, which holds all lines of each of its shards, in order. */
  private static Iterator<WrittenShard> writePartition(Iterator<Row> rows, Configuration hadoop, Path folder, DataPart part,
      ShardLayout layout) throws IOException {
    List<WrittenShard> written = new ArrayList<>();
    Row row = rows.hasNext() ? rows.next() : null;
    while (row != null) {
      int number = row.getInt(0);
      long lines = 0;
      long attempt = TaskContext.get().taskAttemptId();
      try (ShardFileWriter writer = new ShardFileWriter(hadoop, folder, layout.kind(), Shard.fileName(part, number), attempt)) {
        RowPacker packer = layout.rows() == null ? null : new RowPacker(layout.rows());
        for (; row != null && row.getInt(0) == number; row = rows.hasNext() ? rows.next() : null) {
          List<? extends Example> examples = packer == null ? List.of(example(row, layout.kind())) : packer.add(ids(row, 1));
          for (Example example : examples) {
            writer.write(example);
          }
          lines++;
        }
        for (Example example : packer == null ? List.<Example>of() : packer.rest()) {
          writer.write(example);
        }
        written.add(new WrittenShard(writer.finish(), lines));
      }
    }
    return written.iterator();
  }

  private static Example example(Row row, ExampleKind kind) {
    return kind.example(IntStream.range(0, kind.columns().size()).mapToObj(column -> ids(row, column + 1)).toArray(int[][]::new));
  }

  private static int[] ids(Row row, int column) {
    List<Integer> boxed = row.getList(column);
    int[] ids = new int[boxed.size()];
    int next = 0;
    for (int id : boxed) {
      ids[next++] = id;
    }
    return ids;
  }

  /** Removes what killed tasks left behind. */
  private void removeUnfinished(Configuration hadoop) throws IOException {
    Path folder = new Path(dataFolder, part.text());
    FileSystem files = folder.getFileSystem(hadoop);
    if (!files.exists(folder)) {
      return;
    }
    for (FileStatus file : files.listStatus(folder)) {
      if (file.getPath().getName().startsWith(ShardFileWriter.ATTEMPT_PREFIX)) {
        files.delete(file.getPath(), false);
      }
    }
  }
}
