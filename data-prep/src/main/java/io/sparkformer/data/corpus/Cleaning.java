package io.sparkformer.data.corpus;

import static io.sparkformer.data.corpus.ParallelText.LINE;
import static io.sparkformer.data.corpus.ParallelText.SOURCE;
import static io.sparkformer.data.corpus.ParallelText.TARGET;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.udf;

import io.sparkformer.data.InvalidInputException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;

/**
 * Normalizes text and applies the rules to it.
 */
public final class Cleaning {

  private static final String RULE = "rule";

  private final CleaningLimits limits;

  /**
   * @param limits the rules and their limits
   */
  public Cleaning(CleaningLimits limits) {
    this.limits = limits;
  }

  /**
   * Reads and cleans. Pairs of equal text count as duplicates of the one with the smallest line number.
   *
   * @throws InvalidInputException if the text cannot be read, or if no pair is left
   */
  public CleanedText clean(SparkSession spark, ParallelText text) {
    Dataset<Row> checked = checked(text.read(spark)).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Map<String, Long> pairsByRule = new HashMap<>();
      for (Row row : checked.groupBy(RULE).count().collectAsList()) {
        pairsByRule.put(row.getString(0), row.getLong(1));
      }
      long read = pairsByRule.values().stream().mapToLong(Long::longValue).sum();
      Dataset<Row> passed = checked.filter(col(RULE).isNull()).select(LINE, SOURCE, TARGET);
      long passedPairs = pairsByRule.getOrDefault(null, 0L);
      Dataset<Row> pairs = withoutDuplicates(passed).persist(StorageLevel.MEMORY_AND_DISK());
      long kept = pairs.count();
      pairsByRule.put(CleaningRule.DUPLICATE_PAIR.text(), passedPairs - kept);
      CleaningReport report = report(read, kept, pairsByRule);
      if (kept == 0) {
        pairs.unpersist();
        throw empty(text, report);
      }
      return new CleanedText(pairs, report);
    } finally {
      checked.unpersist();
    }
  }

  /** Adds a column with the name of the rule that the pair breaks without regard to other pairs, or null. */
  private Dataset<Row> checked(Dataset<Row> raw) {
    CleaningLimits shipped = limits;
    UDF1<String, String> normalize = NormalizedText::of;
    UDF2<String, String, String> rule = (source, target) -> {
      CleaningRule broken = shipped.broken(source, target);
      return broken == null ? null : broken.text();
    };
    return raw
      .withColumn(SOURCE, udf(normalize, DataTypes.StringType).apply(col(SOURCE)))
      .withColumn(TARGET, udf(normalize, DataTypes.StringType).apply(col(TARGET)))
      .withColumn(RULE, udf(rule, DataTypes.StringType).apply(col(SOURCE), col(TARGET)));
  }

  private Dataset<Row> withoutDuplicates(Dataset<Row> pairs) {
    return limits.rules().contains(CleaningRule.DUPLICATE_PAIR)
      ? pairs.groupBy(SOURCE, TARGET).agg(min(LINE).as(LINE)).select(LINE, SOURCE, TARGET)
      : pairs;
  }

  private CleaningReport report(long read, long kept, Map<String, Long> pairsByRule) {
    Map<String, Long> dropped = new LinkedHashMap<>();
    for (CleaningRule rule : limits.rules()) {
      dropped.put(rule.text(), pairsByRule.getOrDefault(rule.text(), 0L));
    }
    return new CleaningReport(read, kept, dropped);
  }

  private static InvalidInputException empty(ParallelText text, CleaningReport report) {
    String dropped = report.dropped().entrySet().stream().filter(rule -> rule.getValue() > 0)
      .map(rule -> rule.getKey() + " " + rule.getValue()).collect(Collectors.joining(", "));
    return new InvalidInputException("Empty corpus: none of the " + report.read() + " pairs of " + text.files()
      + " is left after cleaning (dropped: " + dropped + "); check the files, or relax prepare.clean");
  }
}
