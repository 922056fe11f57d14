package io.sparkformer.jobs.table;

import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Parquet, by its own library: values keep their stored form, whatever it means. */
final class ParquetTable implements TableFormat {

  private static final long serialVersionUID = 1L;
  private static final String SPARK_SCHEMA = "org.apache.spark.sql.parquet.row.metadata";
  private static final Set<PrimitiveTypeName> NUMBERS = Set.of(PrimitiveTypeName.INT32, PrimitiveTypeName.INT64, PrimitiveTypeName.FLOAT,
      PrimitiveTypeName.DOUBLE, PrimitiveTypeName.BOOLEAN);
  /** Metadata that describe all columns, in forms of which only their libraries know how to add one. */
  private static final Set<String> OTHER_SCHEMAS = Set.of("ARROW:schema", "parquet.avro.schema", "avro.schema", "writer.model.name");

  @Override
  public SourceRows open(Configuration hadoop, TableFile file, TableColumns columns) throws IOException {
    return new ValueRows(open(hadoop, file), file, columns);
  }

  @Override
  public String extension(Configuration hadoop, TableFile file) {
    return ".parquet";
  }

  @Override
  public void copy(Configuration hadoop, TableFile file, Path target, TableColumns columns, TableColumns.Values values) throws IOException {
    try (ParquetFileReader reader = open(hadoop, file)) {
      FileMetaData metadata = reader.getFileMetaData();
      MessageType schema = metadata.getSchema();
      check(file, schema, columns);
      MessageType wider = wider(schema, file, columns);
      Rows rows = new Rows(reader, schema, wider);
      int[] places = places(schema, columns);
      try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(HadoopOutputFile.fromPath(target, hadoop))
          .withConf(hadoop).withType(wider).withExtraMetaData(metadata(metadata.getKeyValueMetaData(), file, columns))
          .withCompressionCodec(codec(reader)).withWriteMode(ParquetFileWriter.Mode.OVERWRITE).build()) {
        for (Group row = rows.next(); row != null; row = rows.next()) {
          List<AddedColumn.Value> ofRow = values.next(valuesAt(row, places));
          add(row, file.partition());
          for (int i = 0; ofRow != null && i < ofRow.size(); i++) {
            add(row, columns.added().get(i), ofRow.get(i));
          }
          writer.write(row);
        }
      }
    }
  }

  private static ParquetFileReader open(Configuration hadoop, TableFile file) throws IOException {
    try {
      return ParquetFileReader.open(HadoopInputFile.fromPath(file.path(), hadoop));
    } catch (RuntimeException e) {
      throw new InvalidInputException(file.path() + " is not a Parquet file: " + e.getMessage(), e);
    }
  }

  private static void check(TableFile file, MessageType schema, TableColumns columns) {
    checkDifferent(file, schema);
    List<String> names = schema.getFields().stream().map(Type::getName).toList();
    ColumnNames.check(file, names, columns);
    for (SourceColumn source : columns.sources()) {
      Type type = schema.getType(source.name());
      if (!isText(type) && (source.isText() || !isNumber(type))) {
        throw ColumnNames.unreadable(source, file.path(), String.valueOf(type).strip());
      }
    }
  }

  private static boolean isText(Type type) {
    return type.isPrimitive() && !type.isRepetition(Type.Repetition.REPEATED)
        && LogicalTypeAnnotation.stringType().equals(type.getLogicalTypeAnnotation());
  }

  /** Or a truth value. */
  private static boolean isNumber(Type type) {
    LogicalTypeAnnotation meaning = type.getLogicalTypeAnnotation();
    return type.isPrimitive() && !type.isRepetition(Type.Repetition.REPEATED) && NUMBERS.contains(type.asPrimitiveType()
        .getPrimitiveTypeName()) && (meaning == null || meaning instanceof LogicalTypeAnnotation.IntLogicalTypeAnnotation);
  }

  private static int[] places(MessageType schema, TableColumns columns) {
    return columns.sources().stream().mapToInt(source -> schema.getFieldIndex(source.name())).toArray();
  }

  private static void checkDifferent(TableFile file, GroupType type) {
    ColumnNames.checkDifferent(file, type.getFields().stream().map(Type::getName).toList());
    type.getFields().stream().filter(field -> !field.isPrimitive()).forEach(field -> checkDifferent(file, field.asGroupType()));
  }

  private static MessageType wider(MessageType schema, TableFile file, TableColumns columns) {
    List<Type> fields = new ArrayList<>(schema.getFields());
    file.partition().keySet().forEach(name -> fields.add(text(Type.Repetition.OPTIONAL, name)));
    columns.added().forEach(column -> fields.add(type(column)));
    return new MessageType(schema.getName(), fields);
  }

  private static Type type(AddedColumn column) {
    return switch (column.kind()) {
      case TEXT -> text(Type.Repetition.OPTIONAL, column.name());
      case TEXTS -> Types.optionalList().requiredElement(PrimitiveTypeName.BINARY).as(LogicalTypeAnnotation.stringType())
          .named(column.name());
      case SCORED_TEXTS -> Types.optionalList().requiredGroupElement().addField(text(Type.Repetition.REQUIRED, "text"))
          .required(PrimitiveTypeName.DOUBLE).named("score").named(column.name());
      case FLOATS -> Types.optionalList().requiredElement(PrimitiveTypeName.FLOAT).named(column.name());
      case NUMBER -> Types.optional(PrimitiveTypeName.DOUBLE).named(column.name());
    };
  }

  private static Type text(Type.Repetition repetition, String name) {
    return Types.primitive(PrimitiveTypeName.BINARY, repetition).as(LogicalTypeAnnotation.stringType()).named(name);
  }

  private static void add(Group row, Map<String, String> partition) {
    partition.forEach((name, text) -> {
      if (text != null) {
        row.add(name, text);
      }
    });
  }

  private static void add(Group row, AddedColumn column, AddedColumn.Value value) {
    if (value instanceof AddedColumn.Number number) {
      row.add(column.name(), number.value());
    } else if (value instanceof AddedColumn.Text text) {
      row.add(column.name(), text.text());
    } else if (value instanceof AddedColumn.Texts texts) {
      Group list = row.addGroup(column.name());
      texts.texts().forEach(each -> list.addGroup("list").append("element", each));
    } else if (value instanceof AddedColumn.ScoredTexts texts) {
      Group list = row.addGroup(column.name());
      texts.texts().forEach(each -> list.addGroup("list").addGroup("element").append("text", each.text()).append("score", each.score()));
    } else if (value instanceof AddedColumn.Floats floats) {
      Group list = row.addGroup(column.name());
      for (float each : floats.values()) {
        list.addGroup("list").append("element", each);
      }
    }
  }

  /** Spark reads the columns that its own description names, so it gets the new ones too. */
  private static Map<String, String> metadata(Map<String, String> found, TableFile file, TableColumns columns) {
    Map<String, String> metadata = new HashMap<>(found);
    metadata.keySet().removeAll(OTHER_SCHEMAS);
    metadata.computeIfPresent(SPARK_SCHEMA, (key, json) -> {
      StructType schema = (StructType) DataType.fromJson(json);
      for (String name : file.partition().keySet()) {
        schema = schema.add(name, DataTypes.StringType);
      }
      for (AddedColumn column : columns.added()) {
        schema = schema.add(column.name(), sparkType(column.kind()));
      }
      return schema.json();
    });
    return metadata;
  }

  private static DataType sparkType(AddedColumn.Kind kind) {
    return switch (kind) {
      case TEXT -> DataTypes.StringType;
      case TEXTS -> DataTypes.createArrayType(DataTypes.StringType, false);
      case SCORED_TEXTS -> DataTypes.createArrayType(DataTypes.createStructType(List.of(
          DataTypes.createStructField("text", DataTypes.StringType, false),
          DataTypes.createStructField("score", DataTypes.DoubleType, false))), false);
      case FLOATS -> DataTypes.createArrayType(DataTypes.FloatType, false);
      case NUMBER -> DataTypes.DoubleType;
    };
  }

  private static CompressionCodecName codec(ParquetFileReader reader) {
    return reader.getRowGroups().stream().flatMap(group -> group.getColumns().stream()).map(ColumnChunkMetaData::getCodec)
        .findFirst().orElse(CompressionCodecName.SNAPPY);
  }

  private static String[] valuesAt(Group row, int[] places) {
    return Arrays.stream(places).mapToObj(place -> row.getFieldRepetitionCount(place) == 0 ? null : row.getValueToString(place, 0))
        .toArray(String[]::new);
  }

  /** The rows of a file. */
  private static final class Rows {

    private final ParquetFileReader reader;
    private final MessageColumnIO columns;
    private final MessageType form;
    private RecordReader<Group> rows;
    private long left;

    /**
     * @param read the columns to read
     * @param form the columns of the rows it gives; first those that are read
     */
    Rows(ParquetFileReader reader, MessageType read, MessageType form) {
      this.reader = reader;
      reader.setRequestedSchema(read);
      this.columns = new ColumnIOFactory(reader.getFileMetaData().getCreatedBy()).getColumnIO(read, reader.getFileMetaData().getSchema());
      this.form = form;
    }

    /** The next row; {@code null} after the last. */
    Group next() throws IOException {
      while (left == 0) {
        PageReadStore pages = reader.readNextRowGroup();
        if (pages == null) {
          return null;
        }
        left = pages.getRowCount();
        rows = columns.getRecordReader(pages, new GroupRecordConverter(form));
      }
      left--;
      return rows.read();
    }
  }

  /** The source columns alone. */
  private static final class ValueRows implements SourceRows {

    private final ParquetFileReader reader;
    private final List<String> names;
    private final Rows rows;
    private final int[] places;
    private String[] values;

    ValueRows(ParquetFileReader reader, TableFile file, TableColumns columns) throws IOException {
      this.reader = reader;
      try {
        MessageType schema = reader.getFileMetaData().getSchema();
        check(file, schema, columns);
        names = schema.getFields().stream().map(Type::getName).toList();
        MessageType read = new MessageType(schema.getName(),
            columns.sources().stream().map(source -> schema.getType(source.name())).toList());
        places = places(read, columns);
        rows = new Rows(reader, read, read);
      } catch (RuntimeException e) {
        reader.close();
        throw e;
      }
    }

    @Override
    public boolean next() throws IOException {
      Group row = rows.next();
      values = row == null ? null : valuesAt(row, places);
      return row != null;
    }

    @Override
    public String[] values() {
      return values;
    }

    @Override
    public Collection<String> columns() {
      return names;
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
