package io.sparkformer.data.corpus;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.corpus.TextFiles.InputFile;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.types.DataTypes;

/** Documents in a column of Parquet files, numbered by file and row. */
final class ParquetDocuments {

  private static final String FILE = "_metadata.file_path";
  private static final String ROW = "_metadata.row_index";

  private ParquetDocuments() {
  }

  /**
   * @throws InvalidInputException if there is no such column of text
   */
  static Dataset<Row> read(SparkSession spark, List<InputFile> files, String column) {
    // Spark takes a path for a pattern, so what has a meaning there is escaped.
    Dataset<Row> table = spark.read().parquet(files.stream().map(file -> file.path().replaceAll("[\\[\\]{}*?\\\\]", "\\\\$0"))
      .toArray(String[]::new));
    if (!Arrays.asList(table.schema().fieldNames()).contains(column)
        || !table.schema().apply(column).dataType().equals(DataTypes.StringType)) {
      throw new InvalidInputException("No column of text is called " + column + ": the columns are " + table.schema().simpleString()
        + "; set prepare.text.column");
    }
    Map<String, Long> numbers = new HashMap<>();
    for (Row file : table.select(col(FILE)).distinct().sort("file_path").collectAsList()) {
      numbers.put(file.getString(0), (long) numbers.size());
    }
    UDF2<String, Long, Long> number = (file, row) -> DocumentText.number(numbers.get(file), row);
    return table.select(udf(number, DataTypes.LongType).apply(col(FILE), col(ROW)).as(DocumentText.LINE),
      col("`" + column + "`").as(DocumentText.TEXT)).na().fill("", new String[] {DocumentText.TEXT});
  }
}
