package io.sparkformer.jobs.table;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A format of tables in files. Reading checks that the source columns are there and hold what they may, and that no new one is there. */
public interface TableFormat extends Serializable {

  /** The formats by name; text tables begin with a line of column names. */
  Map<String, TableFormat> BY_NAME = Map.of("csv", new CsvTable(Delimiter.COMMA, List.of()), "tsv", new CsvTable(Delimiter.TAB, List.of()),
      "json", new JsonTable(), "parquet", new ParquetTable(), "orc", new OrcTable());

  /**
   * A format.
   *
   * @param header names of the columns of CSV or TSV files that do not begin with a line of them; empty for those that do
   */
  static TableFormat named(String name, List<String> header) {
    return header.isEmpty() ? BY_NAME.get(name)
        : new CsvTable(name.equals("tsv") ? Delimiter.TAB : Delimiter.COMMA, header);
  }

  /** The names that {@link #BY_NAME} knows. */
  static Set<String> names() {
    return BY_NAME.keySet();
  }

  /**
   * Opens the source columns of a file.
   *
   * @param hadoop of {@link io.sparkformer.data.file.PlainFiles}
   * @throws io.sparkformer.data.InvalidInputException the file is not of this format, or its columns are not as they must be; a format
   *     without a schema says so when the row is read
   */
  SourceRows open(Configuration hadoop, TableFile file, TableColumns columns) throws IOException;

  /**
   * Copies a file and adds the columns of its folders and the new ones.
   *
   * @param target is replaced
   */
  void copy(Configuration hadoop, TableFile file, Path target, TableColumns columns, TableColumns.Values values) throws IOException;

  /** How the name of the copy ends: {@code .csv.gz} for a compressed CSV file. */
  String extension(Configuration hadoop, TableFile file);

  /** Whether a new column may hold this. */
  default boolean holds(AddedColumn.Kind kind) {
    return true;
  }
}
