package io.sparkformer.jobs.table;

import java.io.IOException;
import java.io.Serializable;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A format of tables in files. Reading checks that the source column is there and holds text, and that the new one is not there. */
public interface TableFormat extends Serializable {

  /** The formats by name. */
  Map<String, TableFormat> BY_NAME =
      Map.of("csv", new CsvTable(), "json", new JsonTable(), "parquet", new ParquetTable(), "orc", new OrcTable());

  /** The names that {@link #BY_NAME} knows. */
  static Set<String> names() {
    return BY_NAME.keySet();
  }

  /**
   * Opens the source column of a file.
   *
   * @param hadoop of {@link io.sparkformer.data.file.PlainFiles}
   * @throws io.sparkformer.data.InvalidInputException the file is not of this format, or its columns are not as they must be; a format
   *     without a schema says so when the row is read
   */
  TextColumn open(Configuration hadoop, TableFile file, AddedColumn column) throws IOException;

  /**
   * Copies a file and adds the columns of its folders and the new one.
   *
   * @param target is replaced
   */
  void copy(Configuration hadoop, TableFile file, Path target, AddedColumn column, AddedColumn.Values values) throws IOException;

  /** How the name of the copy ends: {@code .csv.gz} for a compressed CSV file. */
  String extension(Configuration hadoop, TableFile file);

  /** Whether the new column may hold this. */
  default boolean holds(AddedColumn.Kind kind) {
    return true;
  }
}
