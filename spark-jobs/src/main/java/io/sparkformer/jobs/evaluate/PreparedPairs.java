package io.sparkformer.jobs.evaluate;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.Shard;
import io.sparkformer.data.shard.ShardManifest;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The shards of a prepared folder's part as a table, for work that needs every pair once, in any order. */
final class PreparedPairs {

  /** Columns of the table: token ids of both sides without begin and end tokens (array of int). */
  static final String SOURCE = "source";
  static final String TARGET = "target";

  private PreparedPairs() { }

  /**
   * Reads a part.
   *
   * @throws InvalidInputException the part has no pairs, or a shard is missing or not as long as the manifest says
   */
  static Dataset<Row> read(SparkSession spark, Path data, ShardManifest manifest, DataPart part) {
    List<Shard> shards = manifest.part(part).shards();
    if (shards.isEmpty()) {
      throw new InvalidInputException("the " + part.text() + " part of " + data + " has no pairs");
    }
    shards.forEach(shard -> shard.verifySize(spark.sparkContext().hadoopConfiguration(), data));
    return spark.read().parquet(shards.stream().map(shard -> literal(shard.path(data))).toArray(String[]::new));
  }

  /** Spark takes a path for a pattern, so what has a meaning there is escaped. */
  private static String literal(Path path) {
    return path.toString().replaceAll("[\\[\\]{}*?\\\\]", "\\\\$0");
  }
}
