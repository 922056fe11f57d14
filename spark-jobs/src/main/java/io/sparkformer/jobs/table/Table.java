package io.sparkformer.jobs.table;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.file.PlainFiles;
import io.sparkformer.jobs.text.OrderedParts;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A table in files that gets one more column. Only the texts of one column and the new values travel between tasks; for every file one
 * task reads the file a last time and writes it with the new values.
 */
public final class Table {

  private final TableFormat format;
  private final AddedColumn column;
  private final Configuration plain;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final JavaRDD<TableFile> files;
  /** [files + 1] rows before each file; the last is the total. */
  private final long[] rowsBefore;

  private Table(JavaSparkContext spark, TableFormat format, AddedColumn column, Path input) throws IOException {
    this.format = format;
    this.column = column;
    this.plain = PlainFiles.configuration(spark.hadoopConfiguration());
    this.hadoop = spark.broadcast(new SerializableConfiguration(plain));
    List<TableFile> found = TableFiles.of(plain, input);
    this.files = spark.parallelize(found, found.size());
    this.rowsBefore = count(input);
  }

  /**
   * Finds a table's files, and reads their texts once to check and to count them.
   *
   * @param input a file or folder on any Hadoop file system, taken literally
   * @throws InvalidInputException it does not exist, has no such column of text, or has the new column already
   */
  public static Table open(JavaSparkContext spark, Path input, TableFormat format, AddedColumn column) throws IOException {
    return new Table(spark, format, column, input);
  }

  /** Rows of all files. */
  public long rows() {
    return rowsBefore[rowsBefore.length - 1];
  }

  /** The texts of the source column with the numbers of their rows, from 0; empty for a null. */
  public JavaPairRDD<Long, String> texts() {
    Broadcast<SerializableConfiguration> configuration = hadoop;
    TableFormat read = format;
    AddedColumn added = column;
    long[] first = rowsBefore;
    return files.mapPartitionsToPair(file -> {
      TableFile one = file.next();
      return new NumberedTexts(read.open(configuration.value().value(), one, added), first[one.number()]);
    });
  }

  /**
   * Writes the table with the new column, a file for every file of the table, and {@code _SUCCESS}.
   *
   * @param values one for the number of every row; not used where the source column is null
   * @param output a folder of which nothing else uses the names that begin with {@code part-}
   */
  public void write(JavaPairRDD<Long, AddedColumn.Value> values, Path output) throws IOException {
    Broadcast<SerializableConfiguration> configuration = hadoop;
    TableCopy copy = new TableCopy(format, column, output.toString(), UUID.randomUUID().toString());
    FileSystem target = output.getFileSystem(plain);
    target.mkdirs(output);
    OrderedParts.of(values, Arrays.copyOf(rowsBefore, rowsBefore.length - 1))
        .zipPartitions(files, (ofFile, file) -> copy.write(configuration.value().value(), file.next(), ofFile)).count();
    for (FileStatus each : target.listStatus(output)) {
      if (each.getPath().getName().startsWith(TableCopy.ATTEMPT)) {
        target.delete(each.getPath(), false);
      }
    }
    target.create(new Path(output, "_SUCCESS"), true).close();
  }

  private long[] count(Path input) {
    Broadcast<SerializableConfiguration> configuration = hadoop;
    TableFormat read = format;
    AddedColumn added = column;
    List<FileCount> counts = files.map(file -> FileCount.of(configuration.value().value(), read, file, added)).collect();
    long[] before = new long[counts.size() + 1];
    Set<String> columns = new LinkedHashSet<>();
    for (int i = 0; i < counts.size(); i++) {
      FileCount file = counts.get(i);
      if (file.problem() != null) {
        throw new InvalidInputException(file.problem());
      }
      columns.addAll(file.columns());
      before[i + 1] = before[i] + file.rows();
    }
    if (before[counts.size()] > 0 && !columns.contains(column.source())) {
      throw ColumnNames.missing(column, input, columns);
    }
    return before;
  }
}
