package io.sparkformer.jobs.finetune;

import io.sparkformer.jobs.config.FinetuneSettings;
import io.sparkformer.jobs.config.TableSettings;
import io.sparkformer.jobs.table.SourceColumn;
import io.sparkformer.jobs.table.Table;
import io.sparkformer.jobs.table.TableColumns;
import io.sparkformer.jobs.table.TableFormat;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** The texts of a table with their labels; rows that lack one of them are counted, and left out. */
final class LabelledTable {
  /** Names under which rows are counted that are left out. */
  static final String NO_TEXT = "no-text";
  static final String NO_LABEL = "no-label";

  private final Path path;
  private final Table table;
  private final JavaRDD<Labelled> rows;
  private final Map<String, Long> dropped = new LinkedHashMap<>();

  /**
   * A row.
   *
   * @param number of the row in the table, from 0
   * @param texts one or two
   */
  record Labelled(long number, String[] texts, String label) implements Serializable {}

  private LabelledTable(Path path, Table table) {
    this.path = path;
    this.table = table;
    JavaRDD<Labelled> all = table.sources().map(row -> {
      int last = row._2.length - 1;
      return new Labelled(row._1, Arrays.copyOf(row._2, last), row._2[last] == null ? null : row._2[last].strip());
    });
    this.rows = all.filter(row -> !lacksText(row) && !lacksLabel(row));
    dropped.put(NO_TEXT, all.filter(LabelledTable::lacksText).count());
    dropped.put(NO_LABEL, all.filter(row -> !lacksText(row) && lacksLabel(row)).count());
  }

  /** @throws io.sparkformer.data.InvalidInputException the table is missing, damaged, or lacks a column */
  static LabelledTable open(JavaSparkContext spark, TableSettings table, FinetuneSettings settings) throws IOException {
    List<SourceColumn> sources = new ArrayList<>(List.of(SourceColumn.text(settings.column())));
    settings.secondColumn().ifPresent(name -> sources.add(SourceColumn.text(name)));
    sources.add(SourceColumn.scalar(settings.labelColumn()));
    return new LabelledTable(table.path(), Table.open(spark, table.path(), TableFormat.named(table.format(), table.header()),
        new TableColumns(sources, List.of())));
  }

  private static boolean lacksText(Labelled row) {
    return Arrays.stream(row.texts()).anyMatch(text -> text == null || text.isBlank());
  }

  private static boolean lacksLabel(Labelled row) {
    return row.label() == null || row.label().isEmpty();
  }

  /** The table, for messages. */
  Path path() {
    return path;
  }

  /** Rows of the table. */
  long read() {
    return table.rows();
  }

  /** Rows with texts and label. */
  JavaRDD<Labelled> rows() {
    return rows;
  }

  /** Rows that were left out, by reason. */
  Map<String, Long> dropped() {
    return dropped;
  }
}
