package io.sparkformer.jobs.table;

import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hive.ql.exec.vector.BytesColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.ColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.DoubleColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.ListColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.LongColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.StructColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.VectorizedRowBatch;
import org.apache.orc.OrcFile;
import org.apache.orc.Reader;
import org.apache.orc.RecordReader;
import org.apache.orc.TypeDescription;
import org.apache.orc.Writer;

/** ORC, by its own library: batches of column vectors are written as they are read. */
final class OrcTable implements TableFormat {

  private static final long serialVersionUID = 1L;
  private static final Set<TypeDescription.Category> TEXT =
      Set.of(TypeDescription.Category.STRING, TypeDescription.Category.VARCHAR, TypeDescription.Category.CHAR);

  private static final Set<TypeDescription.Category> NUMBERS = Set.of(TypeDescription.Category.BOOLEAN, TypeDescription.Category.BYTE,
      TypeDescription.Category.SHORT, TypeDescription.Category.INT, TypeDescription.Category.LONG, TypeDescription.Category.FLOAT,
      TypeDescription.Category.DOUBLE);

  @Override
  public SourceRows open(Configuration hadoop, TableFile file, TableColumns columns) throws IOException {
    Reader reader = reader(hadoop, file);
    check(file, reader.getSchema(), columns);
    return new ValueRows(reader, columns);
  }

  @Override
  public String extension(Configuration hadoop, TableFile file) {
    return ".orc";
  }

  @Override
  public void copy(Configuration hadoop, TableFile file, Path target, TableColumns columns, TableColumns.Values values) throws IOException {
    try (Reader reader = reader(hadoop, file)) {
      TypeDescription schema = reader.getSchema();
      check(file, schema, columns);
      TypeDescription wider = wider(schema, file, columns);
      OrcFile.WriterOptions options = OrcFile.writerOptions(hadoop).fileSystem(target.getFileSystem(hadoop)).setSchema(wider)
          .compress(reader.getCompressionKind()).overwrite(true).useUTCTimestamp(true)
          .setProlepticGregorian(reader.writerUsedProlepticGregorian());
      Sources sources = new Sources(schema, columns);
      VectorizedRowBatch in = schema.createRowBatch();
      VectorizedRowBatch out = wider.createRowBatch();
      ColumnVector[] added = out.cols.clone();
      try (RecordReader rows = reader.rows(); Writer writer = OrcFile.createWriter(target, options)) {
        for (String key : reader.getMetadataKeys()) {
          writer.addUserMetadata(key, reader.getMetadataValue(key));
        }
        while (rows.nextBatch(in)) {
          System.arraycopy(in.cols, 0, out.cols, 0, in.cols.length);
          out.size = in.size;
          int next = in.cols.length;
          for (int i = next; i < added.length; i++) {
            added[i].reset();
          }
          for (String value : file.partition().values()) {
            fill((BytesColumnVector) added[next++], value, in.size);
          }
          for (int row = 0; row < in.size; row++) {
            List<AddedColumn.Value> ofRow = values.next(sources.values(in, row));
            for (int i = 0; i < columns.added().size(); i++) {
              set(added[next + i], row, ofRow == null ? null : ofRow.get(i));
            }
          }
          writer.addRowBatch(out);
        }
      }
    }
  }

  /** A reader that gives dates and times in the calendar in which they were written. */
  private static Reader reader(Configuration hadoop, TableFile file) throws IOException {
    OrcFile.ReaderOptions options = OrcFile.readerOptions(hadoop).filesystem(file.path().getFileSystem(hadoop)).useUTCTimestamp(true);
    try (Reader first = OrcFile.createReader(file.path(), options)) {
      return OrcFile.createReader(file.path(), options.convertToProlepticGregorian(first.writerUsedProlepticGregorian()));
    } catch (RuntimeException e) {
      throw new InvalidInputException(file.path() + " is not an ORC file: " + e.getMessage(), e);
    }
  }

  private static void check(TableFile file, TypeDescription schema, TableColumns columns) {
    if (schema.getCategory() != TypeDescription.Category.STRUCT) {
      throw new InvalidInputException(file.path() + " has no columns: its type is " + schema);
    }
    ColumnNames.check(file, schema.getFieldNames(), columns);
    for (SourceColumn source : columns.sources()) {
      TypeDescription type = schema.getChildren().get(schema.getFieldNames().indexOf(source.name()));
      if (!TEXT.contains(type.getCategory()) && (source.isText() || !NUMBERS.contains(type.getCategory()))) {
        throw ColumnNames.unreadable(source, file.path(), type.toString());
      }
    }
  }

  private static TypeDescription wider(TypeDescription schema, TableFile file, TableColumns columns) {
    TypeDescription wider = schema.clone();
    file.partition().keySet().forEach(name -> wider.addField(name, TypeDescription.createString()));
    columns.added().forEach(column -> wider.addField(column.name(), type(column.kind())));
    return wider;
  }

  private static TypeDescription type(AddedColumn.Kind kind) {
    return switch (kind) {
      case TEXT -> TypeDescription.createString();
      case TEXTS -> TypeDescription.createList(TypeDescription.createString());
      case SCORED_TEXTS -> TypeDescription.createList(TypeDescription.createStruct().addField("text", TypeDescription.createString())
          .addField("score", TypeDescription.createDouble()));
      case FLOATS -> TypeDescription.createList(TypeDescription.createFloat());
      case NUMBER -> TypeDescription.createDouble();
    };
  }

  /** Reads the source columns of the rows of a schema. */
  private static final class Sources {

    private final int[] places;
    private final List<TypeDescription.Category> types;

    Sources(TypeDescription schema, TableColumns columns) {
      places = columns.sources().stream().mapToInt(source -> schema.getFieldNames().indexOf(source.name())).toArray();
      types = Arrays.stream(places).mapToObj(place -> schema.getChildren().get(place).getCategory()).toList();
    }

    String[] values(VectorizedRowBatch batch, int row) {
      String[] values = new String[places.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = value(batch.cols[places[i]], types.get(i), row);
      }
      return values;
    }

    private static String value(ColumnVector vector, TypeDescription.Category type, int row) {
      int place = vector.isRepeating ? 0 : row;
      if (!vector.noNulls && vector.isNull[place]) {
        return null;
      }
      return switch (type) {
        case BOOLEAN -> Boolean.toString(((LongColumnVector) vector).vector[place] != 0);
        case BYTE, SHORT, INT, LONG -> Long.toString(((LongColumnVector) vector).vector[place]);
        case FLOAT -> Float.toString((float) ((DoubleColumnVector) vector).vector[place]);
        case DOUBLE -> Double.toString(((DoubleColumnVector) vector).vector[place]);
        default -> text((BytesColumnVector) vector, place);
      };
    }

    private static String text(BytesColumnVector texts, int place) {
      return new String(texts.vector[place], texts.start[place], texts.length[place], StandardCharsets.UTF_8);
    }
  }

  private static void fill(BytesColumnVector vector, String value, int rows) {
    for (int row = 0; row < rows; row++) {
      set(vector, row, value);
    }
  }

  private static void set(ColumnVector vector, int row, AddedColumn.Value value) {
    if (vector instanceof BytesColumnVector texts) {
      set(texts, row, value == null ? null : ((AddedColumn.Text) value).text());
      return;
    }
    if (vector instanceof DoubleColumnVector numbers) {
      numbers.noNulls &= value != null;
      numbers.isNull[row] = value == null;
      numbers.vector[row] = value == null ? 0 : ((AddedColumn.Number) value).value();
      return;
    }
    ListColumnVector lists = (ListColumnVector) vector;
    lists.offsets[row] = lists.childCount;
    if (value instanceof AddedColumn.Texts texts) {
      appendTexts(lists, texts.texts());
    } else if (value instanceof AddedColumn.ScoredTexts texts) {
      append(lists, texts.texts());
    } else if (value instanceof AddedColumn.Floats floats) {
      append(lists, floats.values());
    } else {
      lists.noNulls = false;
      lists.isNull[row] = true;
    }
    lists.lengths[row] = lists.childCount - lists.offsets[row];
  }

  private static void appendTexts(ListColumnVector lists, List<String> texts) {
    BytesColumnVector strings = (BytesColumnVector) lists.child;
    strings.ensureSize(lists.childCount + texts.size(), true);
    for (String each : texts) {
      set(strings, lists.childCount, each);
      lists.childCount++;
    }
  }

  private static void append(ListColumnVector lists, List<AddedColumn.ScoredText> texts) {
    StructColumnVector structs = (StructColumnVector) lists.child;
    structs.ensureSize(lists.childCount + texts.size(), true);
    for (AddedColumn.ScoredText each : texts) {
      set((BytesColumnVector) structs.fields[0], lists.childCount, each.text());
      ((DoubleColumnVector) structs.fields[1]).vector[lists.childCount] = each.score();
      lists.childCount++;
    }
  }

  private static void append(ListColumnVector lists, float[] values) {
    DoubleColumnVector numbers = (DoubleColumnVector) lists.child;
    numbers.ensureSize(lists.childCount + values.length, true);
    for (float value : values) {
      numbers.vector[lists.childCount++] = value;
    }
  }

  private static void set(BytesColumnVector vector, int row, String value) {
    if (value == null) {
      vector.noNulls = false;
      vector.isNull[row] = true;
    } else {
      vector.setVal(row, value.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static final class ValueRows implements SourceRows {

    private final Reader reader;
    private final RecordReader rows;
    private final VectorizedRowBatch batch;
    private final Sources sources;
    private int row = -1;

    ValueRows(Reader reader, TableColumns columns) throws IOException {
      TypeDescription schema = reader.getSchema();
      this.reader = reader;
      this.sources = new Sources(schema, columns);
      boolean[] include = new boolean[schema.getMaximumId() + 1];
      include[0] = true;
      columns.sources().forEach(source ->
          include[schema.getChildren().get(schema.getFieldNames().indexOf(source.name())).getId()] = true);
      this.rows = reader.rows(reader.options().include(include));
      this.batch = schema.createRowBatch();
      batch.size = 0;
    }

    @Override
    public boolean next() throws IOException {
      row++;
      while (row >= batch.size) {
        if (!rows.nextBatch(batch)) {
          return false;
        }
        row = 0;
      }
      return true;
    }

    @Override
    public String[] values() {
      return sources.values(batch, row);
    }

    @Override
    public Collection<String> columns() {
      return new ArrayList<>(reader.getSchema().getFieldNames());
    }

    @Override
    public void close() throws IOException {
      rows.close();
      reader.close();
    }
  }
}
