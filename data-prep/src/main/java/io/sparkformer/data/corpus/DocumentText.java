package io.sparkformer.data.corpus;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.corpus.DocumentReader.Piece;
import io.sparkformer.data.corpus.TextFiles.InputFile;
import io.sparkformer.data.file.PlainFiles;
import io.sparkformer.data.file.SpooledInput;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/** Documents in text files. */
public final class DocumentText {

  /** Columns of the table: the document's number (bigint, unique, in the order of the text), and its text (string). */
  public static final String LINE = ParallelText.LINE;
  public static final String TEXT = "text";

  private static final StructType SCHEMA = new StructType().add(LINE, DataTypes.LongType).add(TEXT, DataTypes.StringType);
  /** A document's number is its place in its file, with the number of the file in the bits above: 8 million files of a terabyte. */
  private static final int PLACE_BITS = 40;
  /** About how much one task reads: a piece of a large file, or several small files. */
  private static final long PIECE_BYTES = 32L << 20;

  private final Path name;
  private final DocumentFormat format;
  private final String column;
  private final List<InputFile> files;

  private DocumentText(Path name, DocumentFormat format, String column, List<InputFile> files) {
    this.name = name;
    this.format = format;
    this.column = column;
    this.files = files;
  }

  /**
   * Finds the files.
   *
   * @param name of a file, a folder or a pattern, see {@link TextFiles}
   * @param column the field or column that holds the text, of JSON and Parquet
   * @throws InvalidInputException if there is none
   */
  public static DocumentText open(JavaSparkContext spark, Path name, DocumentFormat format, String column) {
    return new DocumentText(name, format, column, TextFiles.find(spark, name));
  }

  /**
   * Reads all documents as a table of {@link #LINE} and {@link #TEXT}; text is null where it is not UTF-8.
   */
  public Dataset<Row> read(SparkSession spark) {
    return read(spark, PIECE_BYTES);
  }

  /**
   * @param pieceBytes about how much one task reads
   */
  Dataset<Row> read(SparkSession spark, long pieceBytes) {
    if (format == DocumentFormat.PARQUET) {
      return ParquetDocuments.read(spark, files, column);
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<SerializableConfiguration> hadoop =
      context.broadcast(new SerializableConfiguration(PlainFiles.configuration(context.hadoopConfiguration())));
    DocumentFormat shipped = format;
    String of = column;
    List<List<Piece>> tasks = tasks(pieceBytes);
    JavaRDD<Row> documents = context.parallelize(tasks, tasks.size()).flatMap(pieces -> rows(pieces.iterator(), hadoop, shipped, of));
    return spark.createDataFrame(documents, SCHEMA);
  }

  private static Iterator<Row> rows(Iterator<Piece> pieces, Broadcast<SerializableConfiguration> hadoop, DocumentFormat format,
      String column) {
    return new Iterator<>() {
      private long file;
      private Iterator<DocumentReader.Document> documents = List.<DocumentReader.Document>of().iterator();

      @Override
      public boolean hasNext() {
        while (!documents.hasNext() && pieces.hasNext()) {
          Piece piece = pieces.next();
          file = piece.number();
          documents = DocumentReader.open(hadoop.value().value(), piece, format, column);
        }
        return documents.hasNext();
      }

      @Override
      public Row next() {
        hasNext();
        DocumentReader.Document document = documents.next();
        return RowFactory.create(number(file, document.place()), document.text());
      }
    };
  }

  /** A document's number. */
  static long number(long file, long place) {
    return (file << PLACE_BITS) + place;
  }

  /** Pieces of about equal size, in the order of the text. */
  private List<List<Piece>> tasks(long pieceBytes) {
    List<List<Piece>> tasks = new ArrayList<>();
    List<Piece> task = new ArrayList<>();
    long bytes = 0;
    for (int number = 0; number < files.size(); number++) {
      InputFile file = files.get(number);
      boolean cut = file.splittable() && !file.spooled() && format != DocumentFormat.FILE;
      for (long start = 0; start < file.bytes() || start == 0; start += cut ? pieceBytes : Math.max(1, file.bytes())) {
        long length = cut ? Math.min(pieceBytes, file.bytes() - start) : file.bytes();
        task.add(new Piece(file, number, start, length));
        bytes += length;
        if (bytes >= pieceBytes) {
          tasks.add(task);
          task = new ArrayList<>();
          bytes = 0;
        }
      }
    }
    if (!task.isEmpty()) {
      tasks.add(task);
    }
    return tasks;
  }

  /** About how many bytes of text there are, decompressed. */
  public long estimatedBytes() {
    return files.stream().mapToLong(InputFile::textBytes).sum();
  }

  /** The name that was given, for messages. */
  public String files() {
    return SpooledInput.isStandardInput(name) ? "standard input" : files.size() == 1 ? name.toString()
      : name + " (" + files.size() + " files)";
  }
}
