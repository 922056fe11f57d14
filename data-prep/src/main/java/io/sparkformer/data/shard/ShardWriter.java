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
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
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
 * Writes the shards of one part from a table of encoded pairs. Which pair stands where depends on its line number, the seed and
 * the size of a shard alone, not on the table's partitions.
 *
 * <p>The line numbers are sorted first, without the tokens, to find where each shard begins; then one shuffle brings every pair to
 * its shard. The driver holds two numbers per shard.
 */
public final class ShardWriter {

  /** Columns of the table: line number (bigint, unique), ids of both sides (array of int). */
  public static final String LINE = "line";
  public static final String SOURCE = ShardSchema.SOURCE;
  public static final String TARGET = ShardSchema.TARGET;

  private static final String KEY = "key";
  private static final String SHARD = "shard";

  private final Path dataFolder;
  private final DataPart part;
  private final long seed;
  private final int shardPairs;

  /** The first pair of a shard, in the order of the part. */
  private record Begin(long key, long line) implements Serializable, Comparable<Begin> {

    @Override
    public int compareTo(Begin other) {
      return Comparator.comparingLong(Begin::key).thenComparingLong(Begin::line).compare(this, other);
    }
  }

  /**
   * @param dataFolder the folder to write into
   * @param part training pairs are written in random order, validation pairs by line number
   * @param seed of the random order
   * @param shardPairs pairs in one shard; the last may have fewer
   */
  public ShardWriter(Path dataFolder, DataPart part, long seed, int shardPairs) {
    if (shardPairs <= 0) {
      throw new IllegalArgumentException("Invalid shardPairs: " + shardPairs + " (must be > 0)");
    }
    this.dataFolder = dataFolder;
    this.part = part;
    this.seed = seed;
    this.shardPairs = shardPairs;
  }

  /**
   * Writes all shards; the table is evaluated more than once, so persist it if that is dear.
   *
   * @param pairs with the columns {@link #LINE}, {@link #SOURCE}, {@link #TARGET}
   * @param cleaning what happened to the text before, for the manifest; the pairs kept are those of the table
   * @return what was written
   * @throws IOException if the file system fails
   * @throws IllegalStateException if the table does not have as many pairs as the report says
   */
  public ShardSet write(Dataset<Row> pairs, CleaningReport cleaning) throws IOException {
    Dataset<Row> keyed = pairs.withColumn(KEY, key());
    List<ShardFileWriter.Written> written = new ArrayList<>();
    if (cleaning.kept() > 0) {
      written.addAll(writeShards(keyed, begins(keyed, cleaning.kept())));
    }
    written.sort(Comparator.comparing(file -> file.shard().file()));
    removeUnfinished(pairs.sparkSession().sparkContext().hadoopConfiguration());
    ShardSet shards = new ShardSet(
      written.stream().map(ShardFileWriter.Written::shard).toList(),
      written.stream().mapToInt(file -> file.statistics().longestSource()).max().orElse(0),
      written.stream().mapToInt(file -> file.statistics().longestTarget()).max().orElse(0),
      written.stream().map(file -> file.statistics().lengths()).reduce(LengthHistogram.EMPTY, LengthHistogram::plus),
      cleaning);
    if (shards.pairs() != cleaning.kept()) {
      throw new IllegalStateException("Wrote " + shards.pairs() + " " + part.text() + " pairs, expected " + cleaning.kept());
    }
    return shards;
  }

  private Column key() {
    if (part == DataPart.VALIDATION) {
      return functions.col(LINE);
    }
    long shuffleSeed = seed;
    UDF1<Long, Long> hash = line -> SplitMix64.hash(shuffleSeed, line);
    return functions.udf(hash, DataTypes.LongType).apply(functions.col(LINE));
  }

  /** Where each shard begins: the first before everything, the others at every shardPairs-th of the sorted keys. */
  private Begin[] begins(Dataset<Row> keyed, long pairs) {
    List<Begin> begins = new ArrayList<>(List.of(new Begin(Long.MIN_VALUE, Long.MIN_VALUE)));
    if (pairs > shardPairs) {
      int size = shardPairs;
      begins.addAll(keyed.select(KEY, LINE).sort(KEY, LINE).toJavaRDD().zipWithIndex()
        .filter(ranked -> ranked._2() > 0 && ranked._2() % size == 0)
        .map(ranked -> new Begin(ranked._1().getLong(0), ranked._1().getLong(1)))
        .collect());
    }
    return begins.toArray(new Begin[0]);
  }

  private List<ShardFileWriter.Written> writeShards(Dataset<Row> keyed, Begin[] begins) {
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
    try {
      return new ArrayList<>(keyed.withColumn(SHARD, shard)
        .repartitionById(begins.length, functions.col(SHARD))
        .sortWithinPartitions(SHARD, KEY, LINE)
        .select(SHARD, SOURCE, TARGET)
        .toJavaRDD()
        .mapPartitions(rows -> writePartition(rows, hadoop.value().value(), new Path(folder), kind))
        .collect());
    } finally {
      hadoop.destroy();
      shards.destroy();
    }
  }

  /** Writes the shards of one partition, which holds all pairs of each of its shards, in order. */
  private static Iterator<ShardFileWriter.Written> writePartition(Iterator<Row> rows, Configuration hadoop, Path folder, DataPart part)
      throws IOException {
    List<ShardFileWriter.Written> written = new ArrayList<>();
    Row row = rows.hasNext() ? rows.next() : null;
    while (row != null) {
      int number = row.getInt(0);
      long attempt = TaskContext.get().taskAttemptId();
      try (ShardFileWriter writer = new ShardFileWriter(hadoop, folder, Shard.fileName(part, number), attempt)) {
        while (row != null && row.getInt(0) == number) {
          writer.write(new SentencePair(ids(row, 1), ids(row, 2)));
          row = rows.hasNext() ? rows.next() : null;
        }
        written.add(writer.finish());
      }
    }
    return written.iterator();
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
