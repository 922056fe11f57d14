package io.sparkformer.data.shard;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;

/**
 * Reads the examples of one shard file in order. Row groups that are skipped whole are not decoded.
 */
final class ShardReader implements ExampleSource {

  private final ParquetFileReader file;
  private final MessageColumnIO columns;
  private final ExampleMaterializer materializer;
  private RecordReader<Example> rowGroup;
  private int nextRowGroup;
  private long leftInRowGroup;

  ShardReader(Configuration hadoop, Path path, ExampleKind kind) throws IOException {
    MessageType schema = ShardSchema.of(kind);
    this.materializer = new ExampleMaterializer(kind);
    this.file = ParquetFileReader.open(HadoopInputFile.fromPath(path, hadoop));
    file.setRequestedSchema(schema);
    this.columns = new ColumnIOFactory(file.getFooter().getFileMetaData().getCreatedBy())
      .getColumnIO(schema, file.getFooter().getFileMetaData().getSchema());
  }

  @Override
  public void skip(long examples) throws IOException {
    long left = examples;
    while (left > 0) {
      if (leftInRowGroup == 0 && left >= rowsOf(nextRowGroup)) {
        left -= rowsOf(nextRowGroup);
        file.skipNextRowGroup();
        nextRowGroup++;
      } else {
        next();
        left--;
      }
    }
  }

  @Override
  public Example next() throws IOException {
    if (leftInRowGroup == 0) {
      PageReadStore pages = file.readNextRowGroup();
      if (pages == null) {
        return null;
      }
      leftInRowGroup = pages.getRowCount();
      nextRowGroup++;
      rowGroup = columns.getRecordReader(pages, materializer);
    }
    leftInRowGroup--;
    return rowGroup.read();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private long rowsOf(int number) {
    return file.getRowGroups().get(number).getRowCount();
  }

  /** Collects the ids of one column of the current record. */
  private static final class IdList extends GroupConverter {

    private final GroupConverter list = new GroupConverter() {
      @Override
      public Converter getConverter(int fieldIndex) {
        return element;
      }

      @Override
      public void start() {
      }

      @Override
      public void end() {
      }
    };
    private final PrimitiveConverter element = new PrimitiveConverter() {
      @Override
      public void addInt(int id) {
        if (size == ids.length) {
          ids = Arrays.copyOf(ids, 2 * size);
        }
        ids[size++] = id;
      }
    };
    private int[] ids = new int[64];
    private int size;

    int[] toArray() {
      return Arrays.copyOf(ids, size);
    }

    @Override
    public Converter getConverter(int fieldIndex) {
      return list;
    }

    @Override
    public void start() {
      size = 0;
    }

    @Override
    public void end() {
    }
  }

  private static final class ExampleMaterializer extends RecordMaterializer<Example> {

    private final ExampleKind kind;
    private final IdList[] columns;
    private final GroupConverter root = new GroupConverter() {
      @Override
      public Converter getConverter(int fieldIndex) {
        return columns[fieldIndex];
      }

      @Override
      public void start() {
      }

      @Override
      public void end() {
      }
    };

    ExampleMaterializer(ExampleKind kind) {
      this.kind = kind;
      this.columns = Stream.generate(IdList::new).limit(kind.columns().size()).toArray(IdList[]::new);
    }

    @Override
    public Example getCurrentRecord() {
      return kind.example(Arrays.stream(columns).map(IdList::toArray).toArray(int[][]::new));
    }

    @Override
    public GroupConverter getRootConverter() {
      return root;
    }
  }
}
