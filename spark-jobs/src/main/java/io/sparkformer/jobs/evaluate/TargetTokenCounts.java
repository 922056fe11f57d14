package io.sparkformer.jobs.evaluate;

import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.ShardManifest;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** How often each token occurs in the targets of a part of a prepared folder, each sentence's end token included. */
public final class TargetTokenCounts {

  private TargetTokenCounts() { }

  /**
   * Counts on Spark.
   *
   * @param data a folder written by prepare
   * @param end id of the end token
   * @return [vocabulary]
   * @throws io.sparkformer.data.InvalidInputException the folder or a shard of it is missing or damaged
   */
  public static long[] of(SparkSession spark, Path data, DataPart part, int end) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    ShardManifest manifest = ShardManifest.read(hadoop, data);
    int vocabulary = manifest.vocabularySize();
    return PreparedPairs.read(spark, data, manifest, part).select(PreparedPairs.TARGET).javaRDD()
        .mapPartitions(rows -> List.of(count(rows, vocabulary, end)).iterator())
        .treeReduce(TargetTokenCounts::sum);
  }

  private static long[] count(Iterator<Row> rows, int vocabulary, int end) {
    long[] counts = new long[vocabulary];
    while (rows.hasNext()) {
      for (Integer token : rows.next().<Integer>getList(0)) {
        counts[token]++;
      }
      counts[end]++;
    }
    return counts;
  }

  private static long[] sum(long[] into, long[] more) {
    for (int token = 0; token < into.length; token++) {
      into[token] += more[token];
    }
    return into;
  }
}
