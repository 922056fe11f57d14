package io.sparkformer.jobs.evaluate;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.config.EvaluateSettings;
import io.sparkformer.jobs.table.NaturalOrder;
import io.sparkformer.jobs.table.SourceColumn;
import io.sparkformer.jobs.table.Table;
import io.sparkformer.jobs.table.TableColumns;
import io.sparkformer.jobs.table.TableFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;

/** Compares two columns of a table: labels, and what was predicted. */
final class LabelEvaluation {
  private static final int MOST_CLASSES = 10_000;

  private LabelEvaluation() {}

  /** @throws InvalidInputException the table cannot be read, has nothing to compare, or no numbers where these are wanted */
  static LabelReport of(SparkSession session, EvaluateSettings.Predictions settings) throws IOException {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    spark.sc().setJobDescription("evaluate: predictions of " + settings.table().path());
    Table table = Table.open(spark, settings.table().path(), TableFormat.named(settings.table().format(), settings.table().header()),
        new TableColumns(List.of(SourceColumn.scalar(settings.labelColumn()), SourceColumn.scalar(settings.predictionColumn())),
            List.of()));
    JavaRDD<Tuple2<String, String>> pairs = table.sources().values()
        .filter(row -> row[0] != null && !row[0].isBlank() && row[1] != null && !row[1].isBlank())
        .map(row -> new Tuple2<>(row[0].strip(), row[1].strip()));
    long scored = pairs.count();
    if (scored == 0) {
      throw new InvalidInputException("no row of %s has a label in column %s and a prediction in column %s".formatted(
          settings.table().path(), settings.labelColumn(), settings.predictionColumn()));
    }
    long unscored = table.rows() - scored;
    return settings.areValues() ? new LabelReport(Optional.empty(), Optional.of(values(pairs, settings)), unscored)
        : new LabelReport(Optional.of(classes(pairs, settings)), Optional.empty(), unscored);
  }

  private static ConfusionTable classes(JavaRDD<Tuple2<String, String>> pairs, EvaluateSettings.Predictions settings) {
    List<String> given = settings.labels();
    Map<Tuple2<String, String>, Long> counts = pairs.map(pair -> new Tuple2<>(named(pair._1, given), named(pair._2, given))).countByValue();
    Set<String> found = new TreeSet<>(NaturalOrder::compare);
    counts.keySet().forEach(pair -> found.addAll(List.of(pair._1, pair._2)));
    if (found.size() > MOST_CLASSES) {
      throw new InvalidInputException("%s has more than %,d classes; of numbers set evaluate.task = regression"
          .formatted(settings.table().path(), MOST_CLASSES));
    }
    List<String> classes = new ArrayList<>(given);
    found.stream().filter(name -> !given.contains(name)).forEach(classes::add);
    long[][] table = new long[classes.size()][classes.size()];
    counts.forEach((pair, count) -> table[classes.indexOf(pair._1)][classes.indexOf(pair._2)] += count);
    return new ConfusionTable(classes, table);
  }

  /** The name of a class that is given by its number. */
  private static String named(String label, List<String> names) {
    boolean isNumber = !names.contains(label) && label.matches("\\d{1,9}") && Integer.parseInt(label) < names.size();
    return isNumber ? names.get(Integer.parseInt(label)) : label;
  }

  private static ValueScores values(JavaRDD<Tuple2<String, String>> pairs, EvaluateSettings.Predictions settings) {
    List<Tuple2<String, String>> all = pairs.collect();
    double[] labels = new double[all.size()];
    double[] predictions = new double[all.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = number(all.get(i)._1, settings.labelColumn(), settings);
      predictions[i] = number(all.get(i)._2, settings.predictionColumn(), settings);
    }
    return ValueScores.of(labels, predictions);
  }

  private static double number(String text, String column, EvaluateSettings.Predictions settings) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new InvalidInputException("column %s of %s holds %s, which is no number; for classes set evaluate.task = classification"
          .formatted(column, settings.table().path(), text), e);
    }
  }
}
