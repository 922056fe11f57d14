package io.sparkformer.jobs.prepare;

import io.sparkformer.data.corpus.ParallelText;
import io.sparkformer.data.file.PlainFiles;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.ForeachPartitionFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The validation text as two files: a line for every pair of the validation shards, in their order.
 */
final class HeldOutText {

  private static final String FOLDER = "held-out";

  private HeldOutText() {
  }

  /**
   * Writes both files, by one task.
   *
   * @param pairs table as of {@link ParallelText}
   */
  static void write(Path dataFolder, Dataset<Row> pairs) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(pairs.sparkSession().sparkContext());
    Broadcast<SerializableConfiguration> hadoop = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    String folder = new Path(dataFolder, FOLDER).toString();
    try {
      pairs.coalesce(1).sortWithinPartitions(ParallelText.LINE).select(ParallelText.SOURCE, ParallelText.TARGET)
        .foreachPartition((ForeachPartitionFunction<Row>) rows ->
          writeLines(PlainFiles.configuration(hadoop.value().value()), new Path(folder), rows));
    } finally {
      hadoop.destroy();
    }
  }

  private static void writeLines(Configuration hadoop, Path folder, Iterator<Row> rows) throws IOException {
    try (BufferedWriter source = writer(hadoop, new Path(folder, "source.txt"));
       BufferedWriter target = writer(hadoop, new Path(folder, "target.txt"))) {
      while (rows.hasNext()) {
        Row row = rows.next();
        source.append(row.getString(0)).append('\n');
        target.append(row.getString(1)).append('\n');
      }
    }
  }

  /** Replaces what an attempt before may have left. */
  private static BufferedWriter writer(Configuration hadoop, Path file) throws IOException {
    return new BufferedWriter(new OutputStreamWriter(file.getFileSystem(hadoop).create(file, true), StandardCharsets.UTF_8));
  }
}
