package io.sparkformer.jobs.translate;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.text.OrderedParts;
import io.sparkformer.jobs.text.PartPlan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/** Translates a column of a table: the same rows in the same order, with one more column. */
final class TableTranslation {

  private final SparkSession spark;
  private final TranslationTask task;
  private final String format;

  TableTranslation(SparkSession spark, TranslationTask task, String format) {
    this.spark = spark;
    this.task = task;
    this.format = format;
  }

  /**
   * Reads the table.
   *
   * @throws InvalidInputException it does not exist, has no such column of strings, or has the output column already
   */
  Dataset<Row> read(Path input, String column, String outputColumn) throws IOException {
    if (!input.getFileSystem(spark.sparkContext().hadoopConfiguration()).exists(input)) {
      throw new InvalidInputException("input does not exist: " + input);
    }
    if (task.nBest() > 1 && format.equals("csv")) {
      throw new InvalidInputException("csv cannot hold lists of translations: n-best=" + task.nBest()
          + "; use --format parquet, json or orc, or n-best 1");
    }
    Dataset<Row> table = spark.read().format(format).option("header", "true").load(input.toString());
    List<String> columns = Arrays.asList(table.columns());
    if (!columns.contains(column)) {
      throw new InvalidInputException("no column " + column + " in " + input + "; it has " + String.join(", ", columns));
    }
    if (columns.contains(outputColumn)) {
      throw new InvalidInputException("column " + outputColumn + " exists already in " + input
          + "; name another with --set translate.output-column=...");
    }
    DataType type = table.schema().apply(column).dataType();
    if (!type.equals(DataTypes.StringType)) {
      throw new InvalidInputException("column " + column + " of " + input + " holds no text: its type is " + type.simpleString());
    }
    return table;
  }

  static JavaPairRDD<Long, Row> numbered(Dataset<Row> table) {
    return table.javaRDD().zipWithIndex().mapToPair(Tuple2::swap);
  }

  void translate(JavaPairRDD<Long, Row> rows, StructType schema, String column, String outputColumn, PartPlan plan, Path output) {
    TranslationTask work = task;
    int place = schema.fieldIndex(column);
    JavaRDD<Row> translated = OrderedParts.of(rows, plan).mapPartitions(part -> translatePart(work, part, place));
    StructType wider = schema.add(new StructField(outputColumn, columnType(), true, Metadata.empty()));
    spark.createDataFrame(translated, wider).write().format(format).option("header", "true").save(output.toString());
  }

  private DataType columnType() {
    if (task.nBest() == 1) {
      return DataTypes.StringType;
    }
    return DataTypes.createArrayType(DataTypes.createStructType(List.of(
        DataTypes.createStructField("text", DataTypes.StringType, false),
        DataTypes.createStructField("score", DataTypes.DoubleType, false))), false);
  }

  /** Runs in a task. */
  private static Iterator<Row> translatePart(TranslationTask task, Iterator<Tuple2<Long, Row>> part, int column) {
    List<Row> rows = new ArrayList<>();
    List<String> sentences = new ArrayList<>();
    part.forEachRemaining(numbered -> {
      rows.add(numbered._2);
      sentences.add(numbered._2.isNullAt(column) ? "" : numbered._2.getString(column));
    });
    List<Translation> translations = task.translate(sentences);
    List<Row> wider = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      Object[] values = new Object[row.size() + 1];
      for (int field = 0; field < row.size(); field++) {
        values[field] = row.get(field);
      }
      values[row.size()] = row.isNullAt(column) ? null : value(translations.get(i), task.nBest());
      wider.add(RowFactory.create(values));
    }
    return wider.iterator();
  }

  private static Object value(Translation translation, int nBest) {
    if (nBest == 1) {
      return translation.text();
    }
    return translation.candidates().stream().map(candidate -> RowFactory.create(candidate.text(), candidate.score())).toArray();
  }
}
