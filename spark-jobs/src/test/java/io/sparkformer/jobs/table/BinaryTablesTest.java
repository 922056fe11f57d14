package io.sparkformer.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.LocalSpark;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.parquet.schema.Type;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parquet and ORC: stored values come out as they were, types and all. */
class BinaryTablesTest {

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2,
      Map.of("spark.sql.datetime.java8API.enabled", "true", "spark.sql.caseSensitive", "true"));

  private static final MessageType EVERYTHING = MessageTypeParser.parseMessageType("""
      message everything {
        required int64 id = 7;
        optional int32 ID;
        optional binary text (UTF8);
        optional binary raw;
        optional int96 spark_timestamp;
        optional int64 nanos (TIMESTAMP(NANOS,true));
        optional int64 local_micros (TIMESTAMP(MICROS,false));
        optional int32 day (DATE);
        optional int32 small_unsigned (INTEGER(8,false));
        optional int64 large_unsigned (INTEGER(64,false));
        optional fixed_len_byte_array(16) decimal (DECIMAL(38,10));
        optional fixed_len_byte_array(16) uuid (UUID);
        optional float f;
        optional double d;
        optional boolean b;
        repeated int32 old_list;
        optional group new_list (LIST) { repeated group list { optional group element { optional binary a; required int32 b; } } }
        optional group pairs (MAP) { repeated group key_value { required binary key (UTF8); optional int64 value; } }
        optional group nested { optional group Nested { optional binary x; optional binary X; } }
      }""");

  @TempDir
  private Path folder;

  @Test
  void parquetColumnsKeepTheirValuesLevelsAndTypes() throws IOException {
    Random random = new Random(3);
    Files.createDirectories(folder.resolve("in"));
    for (int file = 0; file < 3; file++) {
      write(folder.resolve("in/" + file + ".parquet"), random, 200 * file);
    }
    AddedColumns.reversed(spark(), "parquet", folder.resolve("in"), folder.resolve("out"));
    for (int file = 0; file < 3; file++) {
      try (ParquetFileReader in = open(folder.resolve("in/" + file + ".parquet"));
          ParquetFileReader out = open(AddedColumns.part(folder.resolve("out"), file))) {
        List<Type> fields = new ArrayList<>(out.getFileMetaData().getSchema().getFields());
        assertThat(fields.remove(fields.size() - 1).toString()).isEqualTo("optional binary reversed (STRING)");
        assertThat(new MessageType("everything", fields)).isEqualTo(in.getFileMetaData().getSchema());
        assertThat(fields.get(0).getId().intValue()).isEqualTo(7);
        assertThat(out.getFileMetaData().getKeyValueMetaData()).containsEntry("owner", "me").doesNotContainKey("ARROW:schema");
        assertThat(content(out, EVERYTHING)).isEqualTo(content(in, EVERYTHING));
        assertThat(out.getRecordCount()).isEqualTo(200 * file);
        out.getRowGroups().forEach(group -> group.getColumns()
            .forEach(column -> assertThat(column.getCodec()).isEqualTo(CompressionCodecName.ZSTD)));
      }
    }
  }

  private void write(Path file, Random random, int rows) throws IOException {
    try (ParquetWriter<Group> writer = ExampleParquetWriter
        .builder(HadoopOutputFile.fromPath(new org.apache.hadoop.fs.Path(file.toString()), new Configuration()))
        .withType(EVERYTHING).withExtraMetaData(Map.of("owner", "me", "ARROW:schema", "x"))
        .withCompressionCodec(CompressionCodecName.ZSTD).withRowGroupRowCountLimit(64).build()) {
      for (int row = 0; row < rows; row++) {
        Group group = new SimpleGroup(EVERYTHING);
        for (Type field : EVERYTHING.getFields()) {
          fill(group, field, random);
        }
        writer.write(group);
      }
    }
  }

  private static void fill(Group group, Type field, Random random) {
    int values = switch (field.getRepetition()) {
      case REQUIRED -> 1;
      case OPTIONAL -> random.nextInt(3) == 0 ? 0 : 1;
      case REPEATED -> random.nextInt(4);
    };
    for (int i = 0; i < values; i++) {
      if (!field.isPrimitive()) {
        Group inner = group.addGroup(field.getName());
        field.asGroupType().getFields().forEach(each -> fill(inner, each, random));
        continue;
      }
      switch (field.asPrimitiveType().getPrimitiveTypeName()) {
        case INT32 -> group.add(field.getName(), random.nextInt());
        case INT64 -> group.add(field.getName(), random.nextLong());
        case FLOAT -> group.add(field.getName(), Float.intBitsToFloat(random.nextInt()));
        case DOUBLE -> group.add(field.getName(), Double.longBitsToDouble(random.nextLong()));
        case BOOLEAN -> group.add(field.getName(), random.nextBoolean());
        case INT96 -> group.add(field.getName(), bytes(random, 12));
        case FIXED_LEN_BYTE_ARRAY -> group.add(field.getName(), bytes(random, 16));
        default -> group.add(field.getName(), field.getLogicalTypeAnnotation() == null ? bytes(random, random.nextInt(9))
            : Binary.fromString("ein Satz " + random.nextInt(9)));
      }
    }
  }

  private static Binary bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return Binary.fromConstantByteArray(bytes);
  }

  private static ParquetFileReader open(Path file) throws IOException {
    return ParquetFileReader.open(HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(file.toString()), new Configuration()));
  }

  /** Everything that the columns store: repetition and definition levels, and values. */
  private static List<String> content(ParquetFileReader reader, MessageType schema) throws IOException {
    List<String> content = new ArrayList<>();
    reader.setRequestedSchema(schema);
    for (ColumnDescriptor column : schema.getColumns()) {
      content.add(String.join(".", column.getPath()));
    }
    List<List<String>> columns = new ArrayList<>();
    schema.getColumns().forEach(column -> columns.add(new ArrayList<>()));
    for (PageReadStore pages = reader.readNextRowGroup(); pages != null; pages = reader.readNextRowGroup()) {
      ColumnReadStoreImpl store = new ColumnReadStoreImpl(pages, new GroupRecordConverter(schema).getRootConverter(), schema,
          reader.getFileMetaData().getCreatedBy());
      for (int i = 0; i < schema.getColumns().size(); i++) {
        ColumnDescriptor column = schema.getColumns().get(i);
        ColumnReader values = store.getColumnReader(column);
        for (long left = values.getTotalValueCount(); left > 0; left--) {
          boolean present = values.getCurrentDefinitionLevel() == column.getMaxDefinitionLevel();
          columns.get(i).add(values.getCurrentRepetitionLevel() + " " + values.getCurrentDefinitionLevel() + " "
              + (present ? value(values, column) : ""));
          values.consume();
        }
      }
    }
    columns.forEach(content::addAll);
    return content;
  }

  private static String value(ColumnReader values, ColumnDescriptor column) {
    return switch (column.getPrimitiveType().getPrimitiveTypeName()) {
      case INT32 -> "" + values.getInteger();
      case INT64 -> "" + values.getLong();
      case FLOAT -> "" + Float.floatToRawIntBits(values.getFloat());
      case DOUBLE -> "" + Double.doubleToRawLongBits(values.getDouble());
      case BOOLEAN -> "" + values.getBoolean();
      default -> Arrays.toString(values.getBinary().getBytes());
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "orc"})
  void sparkReadsWhatItWroteAndTheNewColumn(String format) throws IOException {
    SparkSession session = SPARK.session();
    StructType schema = StructType.fromDDL("id INT, ID STRING, text STRING, big DECIMAL(38,18), bytes BINARY, day DATE, at TIMESTAMP, "
        + "local TIMESTAMP_NTZ, list ARRAY<STRUCT<a: STRING, A: BIGINT>>, pairs MAP<STRING, DOUBLE>");
    List<Row> rows = new ArrayList<>();
    rows.add(RowFactory.create(0, "", "ein Satz", new BigDecimal("-12345678901234567890.123456789012345678"), new byte[] {0, -1},
        LocalDate.of(1, 1, 1), Instant.parse("1500-02-28T23:59:59.000001Z"), LocalDateTime.parse("1582-10-10T00:00:00.999999"),
        List.of(RowFactory.create("x", 1L), RowFactory.create(null, null)), Map.of("a", Double.NaN)));
    rows.add(RowFactory.create(1, null, null, null, null, null, null, null, null, null));
    rows.add(RowFactory.create(2, "x", "", BigDecimal.ZERO.setScale(18), new byte[0], LocalDate.of(1582, 10, 10),
        Instant.parse("0001-01-01T00:00:00Z"), LocalDateTime.parse("9999-12-31T23:59:59.999999"), List.of(), Map.of()));
    Path input = folder.resolve("in");
    session.createDataFrame(rows, schema).coalesce(1).write().format(format).save(input.toString());
    AddedColumns.reversed(spark(), format, input, folder.resolve("out"));
    Dataset<Row> before = session.read().format(format).load(input.toString()).orderBy("id");
    Dataset<Row> after = session.read().format(format).load(folder.resolve("out").toString()).orderBy("id");
    assertThat(after.schema().json()).isEqualTo(before.schema().add("reversed", "string").json());
    assertThat(texts(after.drop("reversed"))).isEqualTo(texts(before)).hasSize(3);
    assertThat(after.select("reversed").collectAsList())
        .containsExactly(RowFactory.create("ztaS nie"), RowFactory.create((Object) null), RowFactory.create(""));
    AddedColumns.reversed(spark(), format, input, folder.resolve("lists"),
        new AddedColumn("all", AddedColumn.Kind.SCORED_TEXTS));
    assertThat(texts(session.read().format(format).load(folder.resolve("lists").toString()).orderBy("id")
        .selectExpr("size(all)", "all[0].text", "all[0].score"))).containsExactly("[1,ztaS nie,0.5]", "[null,null,null]", "[1,,0.5]");
    AddedColumns.reversed(spark(), format, input, folder.resolve("texts"), new AddedColumn("all", AddedColumn.Kind.TEXTS));
    Dataset<Row> texts = session.read().format(format).load(folder.resolve("texts").toString()).orderBy("id");
    assertThat(texts.schema().apply("all").dataType().catalogString()).isEqualTo("array<string>");
    assertThat(texts(texts.select("all"))).containsExactly("[ArraySeq(ztaS nie, , ztaS nie)]", "[null]", "[ArraySeq(, , )]");
    AddedColumns.reversed(spark(), format, input, folder.resolve("floats"), new AddedColumn("numbers", AddedColumn.Kind.FLOATS));
    Dataset<Row> floats = session.read().format(format).load(folder.resolve("floats").toString()).orderBy("id");
    assertThat(floats.schema().apply("numbers").dataType().catalogString()).isEqualTo("array<float>");
    assertThat(texts(floats.select("numbers")))
        .containsExactly("[ArraySeq(8.0, 0.1, -1.0E-20)]", "[null]", "[ArraySeq(0.0, 0.1, -1.0E-20)]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "orc"})
  void numbersAndTruthValuesAreReadAsTextWhereTheyMayStand(String format) throws IOException {
    Path input = folder.resolve("scalars");
    SPARK.session().sql("SELECT 'a' AS text, 7 AS i, CAST(8 AS BIGINT) AS l, CAST(0.1 AS FLOAT) AS f, CAST(0.25 AS DOUBLE) AS d, true AS t"
        + ", CAST(NULL AS INT) AS n, array(1) AS list").coalesce(1).write().format(format).save(input.toString());
    List<SourceColumn> scalars = Stream.of("d", "i", "l", "f", "t", "text").map(SourceColumn::scalar).toList();
    Table table = Table.open(spark(), new org.apache.hadoop.fs.Path(input.toString()), TableFormat.BY_NAME.get(format),
        new TableColumns(scalars, List.of(new AddedColumn("x", AddedColumn.Kind.NUMBER), new AddedColumn("y", AddedColumn.Kind.TEXT))));
    assertThat(table.sources().values().collect()).singleElement().isEqualTo(new String[] {"0.25", "7", "8", "0.1", "true", "a"});
    table.write(table.sources().mapValues(row -> List.of(new AddedColumn.Number(0.5), new AddedColumn.Text(row[5]))),
        new org.apache.hadoop.fs.Path(folder.resolve("more").toString()));
    assertThat(texts(SPARK.session().read().format(format).load(folder.resolve("more").toString()).select("i", "x", "y")))
        .containsExactly("[7,0.5,a]");
    assertThat(Table.open(spark(), new org.apache.hadoop.fs.Path(input.toString()), TableFormat.BY_NAME.get(format),
        new TableColumns(List.of(SourceColumn.scalar("n")), List.of())).sources().values().collect().get(0)).containsOnlyNulls();
    assertThatThrownBy(() -> Table.open(spark(), new org.apache.hadoop.fs.Path(input.toString()), TableFormat.BY_NAME.get(format),
        new TableColumns(List.of(SourceColumn.scalar("list")), List.of()))).isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("column list of ").hasMessageContaining(" holds no text, numbers or truth values: its type is ");
  }

  /** Rows as text, bytes in hexadecimal. */
  private static List<String> texts(Dataset<Row> rows) {
    Dataset<Row> shown = Arrays.asList(rows.columns()).contains("bytes")
        ? rows.withColumn("bytes", org.apache.spark.sql.functions.hex(rows.col("bytes"))) : rows;
    return shown.collectAsList().stream().map(Row::toString).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "orc"})
  void partitionsBecomeColumnsOfText(String format) throws IOException {
    for (String value : List.of("007", "1e3")) {
      SPARK.session().sql("SELECT 'ab' AS text").write().format(format).save(folder.resolve("in/doc=" + value).toString());
    }
    AddedColumns.reversed(spark(), format, folder.resolve("in"), folder.resolve("out"));
    assertThat(texts(SPARK.session().read().format(format).load(folder.resolve("out").toString()).orderBy("doc")))
        .containsExactly("[ab,007,ba]", "[ab,1e3,ba]");
  }

  @Test
  void parquetColumnsOfEqualNamesAndOtherTypesAreRefused() throws IOException {
    assertRefused("message m { optional binary text (UTF8); optional group g { optional int32 a; optional int32 a; } }",
        "has two columns a, which cannot be told apart; rename one");
    assertRefused("message m { optional binary text; }", "holds no text: its type is optional binary text");
    assertRefused("message m { optional binary Text (UTF8); }", "no column text in ");
  }

  private void assertRefused(String schema, String message) throws IOException {
    Path file = folder.resolve("a.parquet");
    Files.deleteIfExists(file);
    ExampleParquetWriter.builder(HadoopOutputFile.fromPath(new org.apache.hadoop.fs.Path(file.toString()), new Configuration()))
        .withType(MessageTypeParser.parseMessageType(schema)).build().close();
    assertThatThrownBy(() -> AddedColumns.reversed(spark(), "parquet", file, folder.resolve("out")))
        .isInstanceOf(InvalidInputException.class).hasMessageContaining(message);
  }

  private static JavaSparkContext spark() {
    return new JavaSparkContext(SPARK.session().sparkContext());
  }
}
