package io.sparkformer.jobs.prepare;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sparkformer.data.corpus.DocumentText;
import io.sparkformer.data.corpus.ParallelText;
import io.sparkformer.data.file.PlainFiles;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.ForeachPartitionFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The validation text beside its shards, in their order: of pairs two files, a line for every pair; of documents one file of JSON lines, an
 * object for every document.
 */
final class HeldOutText {

  private static final String FOLDER = "held-out";

  private HeldOutText() {
  }

  /**
   * Writes the files, by one task.
   *
   * @param text table of cleaned text
   */
  static void write(Path dataFolder, Dataset<Row> text, TextKind kind) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(text.sparkSession().sparkContext());
    Broadcast<SerializableConfiguration> hadoop = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    String folder = new Path(dataFolder, FOLDER).toString();
    try {
      text.coalesce(1).sortWithinPartitions(ParallelText.LINE).select(column(kind, 0), column(kind, kind.columns().size() - 1))
        .foreachPartition((ForeachPartitionFunction<Row>) rows -> {
          Configuration plain = PlainFiles.configuration(hadoop.value().value());
          if (kind == TextKind.PAIRS) {
            writeSides(plain, new Path(folder), rows);
          } else {
            writeDocuments(plain, new Path(folder), rows);
          }
        });
    } finally {
      hadoop.destroy();
    }
  }

  private static Column column(TextKind kind, int number) {
    return functions.col(kind.columns().get(number));
  }

  private static void writeDocuments(Configuration hadoop, Path folder, Iterator<Row> rows) throws IOException {
    JsonMapper json = new JsonMapper();
    try (BufferedWriter documents = writer(hadoop, new Path(folder, "text.jsonl"))) {
      while (rows.hasNext()) {
        documents.append(json.writeValueAsString(Map.of(DocumentText.TEXT, rows.next().getString(0)))).append('\n');
      }
    }
  }

  private static void writeSides(Configuration hadoop, Path folder, Iterator<Row> rows) throws IOException {
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
