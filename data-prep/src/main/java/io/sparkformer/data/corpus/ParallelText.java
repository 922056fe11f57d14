package io.sparkformer.data.corpus;

import io.sparkformer.data.InvalidInputException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Sentences and their translations in text files.
 */
public sealed interface ParallelText {

  /** Columns of the table: line number (bigint, from 0), text of both sides (string). */
  String LINE = "line";
  String SOURCE = "source";
  String TARGET = "target";

  /**
   * Reads all pairs as a table of {@link #LINE}, {@link #SOURCE}, {@link #TARGET}. The files are read once here, to number and
   * check the lines, and once more when the table is.
   *
   * @throws InvalidInputException if a file is missing, unreadable, not UTF-8 or empty, if the files are not aligned, or if a line
   *     has too few columns
   */
  Dataset<Row> read(SparkSession spark);

  /**
   * About how many bytes of text there are, both sides, decompressed: to choose a number of partitions by.
   */
  long estimatedBytes();

  /**
   * The files, for messages.
   */
  String files();

  /**
   * Two files; line n of one is the translation of line n of the other.
   */
  record AlignedFiles(TextFile source, TextFile target) implements ParallelText {

    @Override
    public Dataset<Row> read(SparkSession spark) {
      LineCounts sourceLines = source.count(LineCheck.ANY_TEXT);
      LineCounts targetLines = target.count(LineCheck.ANY_TEXT);
      if (sourceLines.total() != targetLines.total()) {
        throw new InvalidInputException("Misaligned files: " + source + " has " + sourceLines.total() + " lines, " + target
          + " has " + targetLines.total() + "; line n of one must be the translation of line n of the other");
      }
      if (sourceLines.total() == 0) {
        throw new InvalidInputException("Empty corpus: " + files() + " hold no line");
      }
      return side(spark, source, sourceLines, SOURCE).join(side(spark, target, targetLines, TARGET), LINE);
    }

    @Override
    public long estimatedBytes() {
      return source.estimatedBytes() + target.estimatedBytes();
    }

    @Override
    public String files() {
      return source + " and " + target;
    }

    private static Dataset<Row> side(SparkSession spark, TextFile file, LineCounts counts, String column) {
      JavaRDD<Row> rows = file.numberedLines(counts).map(line -> RowFactory.create(line._1(), line._2()));
      return spark.createDataFrame(rows, new StructType().add(LINE, DataTypes.LongType).add(column, DataTypes.StringType));
    }
  }

  /**
   * One file of tab-separated columns. A line without any text is a pair of empty sides.
   *
   * @param sourceColumn counts from 1
   * @param targetColumn counts from 1
   */
  record TabSeparatedFile(TextFile file, int sourceColumn, int targetColumn) implements ParallelText {

    /**
     * @throws IllegalArgumentException if the columns are not two different positive numbers
     */
    public TabSeparatedFile {
      if (sourceColumn < 1 || targetColumn < 1 || sourceColumn == targetColumn) {
        throw new IllegalArgumentException("Invalid columns: source=" + sourceColumn + ", target=" + targetColumn
          + " (must be two different numbers >= 1)");
      }
    }

    @Override
    public Dataset<Row> read(SparkSession spark) {
      LineCounts counts = file.count(LineCheck.columns(Math.max(sourceColumn, targetColumn)));
      if (counts.total() == 0) {
        throw new InvalidInputException("Empty corpus: " + file + " holds no line");
      }
      int source = sourceColumn - 1;
      int target = targetColumn - 1;
      JavaRDD<Row> rows = file.numberedLines(counts).map(line -> {
        String[] columns = line._2().split("\t", -1);
        return line._2().isBlank() ? RowFactory.create(line._1(), "", "")
          : RowFactory.create(line._1(), columns[source], columns[target]);
      });
      StructType schema = new StructType()
        .add(LINE, DataTypes.LongType).add(SOURCE, DataTypes.StringType).add(TARGET, DataTypes.StringType);
      return spark.createDataFrame(rows, schema).repartition(functions.col(LINE));
    }

    @Override
    public long estimatedBytes() {
      return file.estimatedBytes();
    }

    @Override
    public String files() {
      return file.toString();
    }
  }
}
