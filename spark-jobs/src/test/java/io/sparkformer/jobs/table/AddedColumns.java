package io.sparkformer.jobs.table;

import io.sparkformer.jobs.table.AddedColumn.ScoredText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;

/** Adds to a table a column that holds another's text backwards. */
final class AddedColumns {

  private AddedColumns() { }

  static void reversed(JavaSparkContext spark, String format, Path input, Path output) throws IOException {
    reversed(spark, format, input, output, new AddedColumn("reversed", AddedColumn.Kind.TEXT));
  }

  static void reversed(JavaSparkContext spark, String format, Path input, Path output, AddedColumn column) throws IOException {
    Table table = Table.open(spark, new org.apache.hadoop.fs.Path(input.toString()), TableFormat.BY_NAME.get(format),
        TableColumns.of("text", column));
    table.write(table.sources().mapValues(row -> List.of(value(column.kind(), reversed(row[0] == null ? "" : row[0])))),
        new org.apache.hadoop.fs.Path(output.toString()));
  }

  private static AddedColumn.Value value(AddedColumn.Kind kind, String text) {
    return switch (kind) {
      case TEXT -> new AddedColumn.Text(text);
      case TEXTS -> new AddedColumn.Texts(List.of(text, "", text));
      case SCORED_TEXTS -> new AddedColumn.ScoredTexts(List.of(new ScoredText(text, 0.5)));
      case FLOATS -> new AddedColumn.Floats(new float[] {text.length(), 0.1f, -1e-20f});
      case NUMBER -> new AddedColumn.Number(text.length());
    };
  }

  static String reversed(String text) {
    return new StringBuilder(text).reverse().toString();
  }

  /** The part files of an output in their order, put together as text. */
  static String text(Path output) throws IOException {
    try (Stream<Path> files = Files.list(output)) {
      return files.filter(file -> file.getFileName().toString().startsWith("part-")).sorted().map(AddedColumns::read)
          .collect(Collectors.joining());
    }
  }

  /** The part file of that number. */
  static Path part(Path output, int number) throws IOException {
    try (Stream<Path> files = Files.list(output)) {
      return files.filter(file -> file.getFileName().toString().startsWith(String.format("part-%05d-", number))).findFirst().orElseThrow();
    }
  }

  /** The names in a folder, without the UUID in those of part files. */
  static List<String> names(Path output) throws IOException {
    try (Stream<Path> files = Files.list(output)) {
      return files.map(file -> file.getFileName().toString().replaceFirst("^(part-\\d+)-[0-9a-f-]{36}", "$1")).sorted().toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
