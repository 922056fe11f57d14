package io.sparkformer.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.LocalSpark;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CSV and JSON: what stands in a file before comes out character by character. */
class TextTablesTest {

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2);

  private static final int TABLES = 40;
  private static final List<String> CSV_PIECES =
      List.of("a", "word", ",", "\"", "\"\"", "\n", "\r\n", "\r", " ", "\t", "\\", "ä", "€", "😀", "\u2028", "#", "'", "null", "\u0000");
  private static final List<String> JSON_VALUES = List.of("1e3", "1.10", "-0", "12345678901234567890123", "0.1e-400", "true", "null",
      "\"\"", "\"a\\u00e4\\n\\\"}\"", "{}", "[ ]", "{\"b\" : [1.0, {\"b\":null}] , \"a\":\"}\"}", "\"1500-02-29 00:00:00\"", "\"007\"");

  @TempDir
  private Path folder;

  @Test
  void csvRecordsKeepTheirText() throws IOException {
    Random random = new Random(1);
    for (int table = 0; table < TABLES; table++) {
      Path input = Files.createDirectories(folder.resolve("in" + table));
      StringBuilder expected = new StringBuilder();
      for (int part = 0; part < 1 + random.nextInt(3); part++) {
        String lineEnd = random.nextBoolean() ? "\n" : "\r\n";
        int columns = 1 + random.nextInt(4);
        int place = random.nextInt(columns);
        StringBuilder text = new StringBuilder(random.nextInt(4) == 0 ? "\uFEFF" : "");
        List<String> header = new ArrayList<>();
        for (int column = 0; column < columns; column++) {
          // Names may be equal, or differ in case alone.
          header.add(column == place ? "text" : csv(random.nextBoolean() ? "Text" : cell(random), random.nextBoolean()));
        }
        text.append(String.join(",", header));
        int rows = random.nextInt(6);
        boolean headerAlone = rows == 0 && random.nextBoolean();
        expected.append(text).append(",reversed").append(headerAlone ? "\n" : lineEnd);
        text.append(headerAlone ? "" : lineEnd);
        for (int row = 0; row < rows; row++) {
          List<String> fields = new ArrayList<>();
          String value = null;
          for (int column = 0; column < columns; column++) {
            String cell = cell(random);
            boolean quoted = random.nextBoolean();
            fields.add(csv(cell, quoted));
            value = column == place ? cell.isEmpty() && !quoted ? null : cell : value;
          }
          String record = String.join(",", fields);
          text.append(record).append(row == rows - 1 && random.nextBoolean() && !record.isEmpty() ? "" : lineEnd);
          expected.append(record).append(',').append(value == null ? "" : csvIfNeeded(AddedColumns.reversed(value))).append(lineEnd);
        }
        Files.writeString(input.resolve("part-" + part + ".csv"), text);
      }
      Path output = folder.resolve("out" + table);
      AddedColumns.reversed(spark(), "csv", input, output);
      assertThat(AddedColumns.text(output)).as("table %d", table).isEqualTo(expected.toString());
    }
  }

  private static String cell(Random random) {
    StringBuilder cell = new StringBuilder();
    for (int i = random.nextInt(5); i > 0; i--) {
      cell.append(CSV_PIECES.get(random.nextInt(CSV_PIECES.size())));
    }
    return cell.toString();
  }

  private static String csv(String cell, boolean quoted) {
    boolean must = cell.chars().anyMatch(each -> "\",\r\n".indexOf(each) >= 0);
    return quoted || must ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
  }

  private static String csvIfNeeded(String cell) {
    return csv(cell, cell.isEmpty() || !cell.equals(cell.strip()));
  }

  @Test
  void jsonObjectsKeepTheirText() throws IOException {
    Random random = new Random(2);
    for (int table = 0; table < TABLES; table++) {
      Path input = Files.createDirectories(folder.resolve("in" + table));
      StringBuilder text = new StringBuilder();
      StringBuilder expected = new StringBuilder();
      for (int row = 0; row < 1 + random.nextInt(6); row++) {
        List<String> members = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          String name = List.of("\"id\"", "\"ID\"", "\"Text\"", "\"a.b\"", "\"\"").get(random.nextInt(5));
          members.add(name + space(random) + ":" + space(random) + JSON_VALUES.get(random.nextInt(JSON_VALUES.size())));
        }
        boolean present = row == 0 || random.nextInt(3) > 0;
        if (present) {
          members.add(random.nextInt(members.size() + 1), "\"text\":\"ein \\\"Satz\\\" \\u00e4\"");
        }
        String body = "{" + space(random) + String.join(space(random) + "," + space(random), members) + space(random);
        text.append(body).append('}').append(random.nextBoolean() ? "\r\n" : "\n").append(random.nextInt(4) == 0 ? " \n" : "");
        String end = text.toString().stripTrailing().length() < text.length() && text.toString().replaceAll("\n \n$", "\n").endsWith("\r\n")
            ? "\r\n" : "\n";
        expected.append(body).append(members.isEmpty() ? "" : ",").append("\"reversed\":")
            .append(present ? "\"ä \\\"ztaS\\\" nie\"" : "null").append('}').append(end);
      }
      Files.writeString(input.resolve("a.json"), text);
      Path output = folder.resolve("out" + table);
      AddedColumns.reversed(spark(), "json", input, output);
      assertThat(AddedColumns.text(output)).as("table %d", table).isEqualTo(expected.toString());
    }
  }

  private static String space(Random random) {
    return List.of("", "", " ", "\t ").get(random.nextInt(4));
  }

  @Test
  void csvFieldsThatArePartlyRightAreTakenAsTheyStand() throws IOException {
    Files.writeString(folder.resolve("a.csv"), "size,text\n5\" pipe,\"a \"\"b\"\"\"\n\n 6 ,c\\\"d\n");
    AddedColumns.reversed(spark(), "csv", folder.resolve("a.csv"), folder.resolve("out"));
    assertThat(AddedColumns.text(folder.resolve("out")))
        .isEqualTo("size,text,reversed\n5\" pipe,\"a \"\"b\"\"\",\"\"\"b\"\" a\"\n 6 ,c\\\"d,\"d\"\"\\c\"\n");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "csv|id,text\\n1|line 2 has 1 fields, the header 2; fix the line, or quote fields that hold a comma",
    "csv|text\\n\"a\"b\\n|line 2 has text behind a closing quote",
    "csv|text\\na\\n\"b\\n|line 3 has a quote that is never closed",
    "csv|text,text\\n|has two columns text; rename one",
    "csv|id,Text\\n|no column text in ",
    "csv|text,reversed\\n|column reversed exists already in ",
    "json|[{\"text\":\"a\"}]|line 1 is not a JSON object on a line of its own (JSON Lines)",
    "json|{\"text\":\"a\"} {}|line 1 is not a JSON object",
    "json|{\"text\":\"a\"}\\n{\"text\":3}|holds no text: its type is JSON number_int",
    "json|{\"text\":\"a\",\"text\":\"b\"}|line 1 has two columns text",
    "json|{\"a\":1}\\n{\"b\":1}|; it has a, b",
    "json|{\"text\":\"a\"}\\n{\"reversed\":1}|column reversed exists already in ",
    "parquet|PAR|is not a Parquet file: ",
    "orc|nothing of the kind|cannot be read (Malformed ORC file "})
  void whatCannotBeKeptIsRefused(String format, String content, String message) throws IOException {
    Path input = Files.writeString(folder.resolve("a"), content.replace("\\n", "\n"));
    assertThatThrownBy(() -> AddedColumns.reversed(spark(), format, input, folder.resolve("out")))
        .isInstanceOf(InvalidInputException.class).hasMessageContaining(message).hasMessageContaining(input.toString());
  }

  @Test
  void rowsComeInTheOrderOfFileNamesAndPositions() throws IOException {
    Path input = Files.createDirectories(folder.resolve("in"));
    StringBuilder expected = new StringBuilder();
    int id = 0;
    // The largest is neither first nor last; Spark would read it first.
    for (int part : new int[] {1, 2, 9, 10, 100000}) {
      StringBuilder text = new StringBuilder("id,text\n");
      for (int row = 0; row < (part == 9 ? 5000 : part % 4); row++) {
        text.append(id).append(",x\n");
        expected.append(id++).append(",x,x\n");
      }
      Files.writeString(input.resolve("part-" + part + ".csv"), text);
    }
    AddedColumns.reversed(spark(), "csv", input, folder.resolve("out"));
    assertThat(AddedColumns.text(folder.resolve("out")).replace("id,text,reversed\n", "")).isEqualTo(expected.toString());
    assertThat(AddedColumns.names(folder.resolve("out")))
        .containsExactly("_SUCCESS", "part-00000.csv", "part-00001.csv", "part-00002.csv", "part-00003.csv", "part-00004.csv");
  }

  @Test
  void partitionValuesAreTextAsTheyStandInTheFolderName() throws IOException {
    for (String value : List.of("007", "1e3", "2024-01-05", "a%2Fb", "__HIVE_DEFAULT_PARTITION__")) {
      Path partition = Files.createDirectories(folder.resolve("in/doc=" + value + "/Doc=x"));
      Files.writeString(partition.resolve("a.json"), "{\"text\":\"ab\"}\n");
    }
    AddedColumns.reversed(spark(), "json", folder.resolve("in"), folder.resolve("out"));
    assertThat(AddedColumns.text(folder.resolve("out")).lines()).containsExactly(
        "{\"text\":\"ab\",\"doc\":\"1e3\",\"Doc\":\"x\",\"reversed\":\"ba\"}",
        "{\"text\":\"ab\",\"doc\":\"007\",\"Doc\":\"x\",\"reversed\":\"ba\"}",
        "{\"text\":\"ab\",\"doc\":\"2024-01-05\",\"Doc\":\"x\",\"reversed\":\"ba\"}",
        "{\"text\":\"ab\",\"doc\":null,\"Doc\":\"x\",\"reversed\":\"ba\"}",
        "{\"text\":\"ab\",\"doc\":\"a/b\",\"Doc\":\"x\",\"reversed\":\"ba\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tab[1].csv", "t{a,b}.csv", "t*.csv", "t?b.csv", "_hidden.csv", ".hidden.csv", "2026-11-28T01:00.csv"})
  void namesAreLiteral(String name) throws IOException {
    Files.writeString(folder.resolve("tab1.csv"), "text\nanother\n");
    Files.writeString(folder.resolve(name), "text\nab\n");
    AddedColumns.reversed(spark(), "csv", folder.resolve(name), folder.resolve("out"));
    assertThat(AddedColumns.text(folder.resolve("out"))).isEqualTo("text,reversed\nab,ba\n");
  }

  @Test
  void compressedFilesStayCompressed() throws IOException {
    try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(folder.resolve("a.csv.zst")))) {
      out.write("text\nab\n".getBytes(StandardCharsets.UTF_8));
    }
    AddedColumns.reversed(spark(), "csv", folder.resolve("a.csv.zst"), folder.resolve("out"));
    assertThat(AddedColumns.names(folder.resolve("out"))).containsExactly("_SUCCESS", "part-00000.csv.zst");
    try (InputStream in = new ZstdInputStream(Files.newInputStream(AddedColumns.part(folder.resolve("out"), 0)))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("text,reversed\nab,ba\n");
    }
  }

  @Test
  void tsvFieldsAreWhatStandsBetweenTabs() throws IOException {
    Files.writeString(folder.resolve("a.tsv"), "id\ttext\n1\t\"ab, c\n2\t\n3\txy\r\n");
    AddedColumns.reversed(spark(), "tsv", folder.resolve("a.tsv"), folder.resolve("out"));
    assertThat(AddedColumns.text(folder.resolve("out"))).isEqualTo("id\ttext\treversed\n1\t\"ab, c\tc ,ba\"\n2\t\t\n3\txy\tyx\r\n");
    assertThat(AddedColumns.names(folder.resolve("out"))).containsExactly("_SUCCESS", "part-00000.tsv");
    Files.writeString(folder.resolve("a.tsv"), "id\ttext\n1\ta\tb\n");
    assertThatThrownBy(() -> AddedColumns.reversed(spark(), "tsv", folder.resolve("a.tsv"), folder.resolve("other")))
        .isInstanceOf(InvalidInputException.class).hasMessageEndingWith("a.tsv, line 2 has 3 fields, the header 2; fix the line");
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "tsv"})
  void columnsOfFilesWithoutAHeaderAreThoseThatTheCallerNames(String format) throws IOException {
    String separator = format.equals("csv") ? "," : "\t";
    Files.writeString(folder.resolve("a"), "ab" + separator + "1\ncd" + separator + "2\n");
    TableColumns columns = new TableColumns(List.of(SourceColumn.scalar("label"), SourceColumn.text("text")),
        List.of(new AddedColumn("both", AddedColumn.Kind.TEXT), new AddedColumn("length", AddedColumn.Kind.NUMBER)));
    Table table = Table.open(spark(), new org.apache.hadoop.fs.Path(folder.resolve("a").toString()),
        TableFormat.named(format, List.of("text", "label")), columns);
    table.write(table.sources().mapValues(row -> List.of(new AddedColumn.Text(row[0] + row[1]), new AddedColumn.Number(row[1].length()))),
        new org.apache.hadoop.fs.Path(folder.resolve("out").toString()));
    assertThat(AddedColumns.text(folder.resolve("out")))
        .isEqualTo("ab,1,1ab,2.0\ncd,2,2cd,2.0\n".replace(",", separator));
  }

  @Test
  void jsonScalarsAreReadAsTheyStandAndSeveralColumnsAreAdded() throws IOException {
    Files.writeString(folder.resolve("a.json"), """
        {"label": 1.50, "text": "a"}
        {"text": "b", "label": true}
        {"text": null, "label": "x"}
        {"text": "c", "label": null}
        """);
    TableColumns columns = new TableColumns(List.of(SourceColumn.text("text"), SourceColumn.scalar("label")),
        List.of(new AddedColumn("both", AddedColumn.Kind.TEXT), new AddedColumn("number", AddedColumn.Kind.NUMBER)));
    Table table = Table.open(spark(), new org.apache.hadoop.fs.Path(folder.resolve("a.json").toString()),
        TableFormat.BY_NAME.get("json"), columns);
    table.write(table.sources().mapValues(row -> List.of(new AddedColumn.Text(row[0] + row[1]), new AddedColumn.Number(0.5))),
        new org.apache.hadoop.fs.Path(folder.resolve("out").toString()));
    assertThat(AddedColumns.text(folder.resolve("out")).lines()).containsExactly(
        "{\"label\": 1.50, \"text\": \"a\",\"both\":\"a1.50\",\"number\":0.5}",
        "{\"text\": \"b\", \"label\": true,\"both\":\"btrue\",\"number\":0.5}",
        "{\"text\": null, \"label\": \"x\",\"both\":null,\"number\":null}",
        "{\"text\": \"c\", \"label\": null,\"both\":null,\"number\":null}");
  }

  @Test
  void foldersThatAreNoPartitionsAndEmptyOnesAreRefused() throws IOException {
    Path input = Files.createDirectories(folder.resolve("in/more"));
    assertThatThrownBy(() -> AddedColumns.reversed(spark(), "csv", input, folder.resolve("out"))).isInstanceOf(InvalidInputException.class)
        .hasMessage("no file of a table in " + input);
    assertThatThrownBy(() -> AddedColumns.reversed(spark(), "csv", input.getParent(), folder.resolve("out")))
        .isInstanceOf(InvalidInputException.class).hasMessageContaining("holds the folder more, which is no partition");
  }

  private static JavaSparkContext spark() {
    return new JavaSparkContext(SPARK.session().sparkContext());
  }
}
