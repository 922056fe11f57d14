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
 * A table in files that gets further columns, or is read. Only the values of the source columns and the new ones travel between tasks; for
 * every file one task reads the file a last time and writes it with the new values.
 */
public final class Table {

  private final TableFormat format;
  private final TableColumns columns;
  private final Configuration plain;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final JavaRDD<TableFile> files;
  /** [files + 1] rows before each file; the last is the total. */
  private final long[] rowsBefore;

  private Table(JavaSparkContext spark, TableFormat format, TableColumns columns, Path input) throws IOException {
    this.format = format;
    this.columns = columns;
    this.plain = PlainFiles.configuration(spark.hadoopConfiguration());
    this.hadoop = spark.broadcast(new SerializableConfiguration(plain));
    List<TableFile> found = TableFiles.of(plain, input);
    this.files = spark.parallelize(found, found.size());
    this.rowsBefore = count(input);
  }

  /**
   * Finds a table's files, and reads their source columns once to check and to count them.
   *
   * @param input a file or folder on any Hadoop file system, taken literally
   * @throws InvalidInputException it does not exist, lacks a source column or has one that holds something else, or has a new
   *     column already
   */
  public static Table open(JavaSparkContext spark, Path input, TableFormat format, TableColumns columns) throws IOException {
    return new Table(spark, format, columns, input);
  }

  /** Rows of all files. */
  public long rows() {
    return rowsBefore[rowsBefore.length - 1];
  }

  /** The values of the source columns, {@code null} where there is none, with the numbers of their rows, from 0. */
  public JavaPairRDD<Long, String[]> sources() {
    Broadcast<SerializableConfiguration> configuration = hadoop;
    TableFormat read = format;
    TableColumns wanted = columns;
    long[] first = rowsBefore;
    return files.mapPartitionsToPair(file -> {
      TableFile one = file.next();
      return new NumberedRows(read.open(configuration.value().value(), one, wanted), first[one.number()]);
    });
  }

  /**
   * Writes the table with the new columns, a file for every file of the table, and {@code _SUCCESS}.
   *
   * @param values those of the number of every row; not used where a source column is null
   * @param output a folder of which nothing else uses the names that begin with {@code part-}
   */
  public void write(JavaPairRDD<Long, List<AddedColumn.Value>> values, Path output) throws IOException {
    Broadcast<SerializableConfiguration> configuration = hadoop;
    TableCopy copy = new TableCopy(format, columns, output.toString(), UUID.randomUUID().toString());
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
    TableColumns wanted = columns;
    List<FileCount> counts = files.map(file -> FileCount.of(configuration.value().value(), read, file, wanted)).collect();
    long[] before = new long[counts.size() + 1];
    Set<String> found = new LinkedHashSet<>();
    for (int i = 0; i < counts.size(); i++) {
      FileCount file = counts.get(i);
      if (file.problem() != null) {
        throw new InvalidInputException(file.problem());
      }
      found.addAll(file.columns());
      before[i + 1] = before[i] + file.rows();
    }
    for (SourceColumn source : columns.sources()) {
      if (before[counts.size()] > 0 && !found.contains(source.name())) {
        throw ColumnNames.missing(source, input, found);
      }
    }
    return before;
  }
}
