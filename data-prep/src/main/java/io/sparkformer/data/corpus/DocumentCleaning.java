package io.sparkformer.data.corpus;

import static io.sparkformer.data.corpus.DocumentText.LINE;
import static io.sparkformer.data.corpus.DocumentText.TEXT;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.udf;

import io.sparkformer.data.InvalidInputException;
import java.text.Normalizer;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/** Normalizes documents and applies the rules to them. */
public final class DocumentCleaning {

  private static final String RULE = "rule";
  private static final String NORMALIZED = "normalized";
  private static final String REMOVED = "removed";
  private static final StructType NORMALIZED_TEXT = new StructType().add(TEXT, DataTypes.StringType)
    .add(REMOVED, DataTypes.createArrayType(DataTypes.LongType, false));
  private static final String HASH = "hash";
  private static final int HASH_BITS = 256;
  private static final Pattern LINE_END = Pattern.compile("\\r\\n?");

  private final Set<DocumentRule> rules;
  private final Set<LineRule> lineRules;
  private final MinHash nearness;
  private final Optional<Languages> languages;
  private final Optional<DocumentText> test;

  /**
   * @param rules those that apply; {@code NOT_UTF_8} and {@code EMPTY} apply in any case
   * @param lineRules by which lines are removed before that
   * @param nearness how near duplicates are found
   * @param languages that documents may have; empty for any
   * @param test files of text that the training text must not hold; empty for none
   */
  public DocumentCleaning(Set<DocumentRule> rules, Set<LineRule> lineRules, MinHash nearness, Optional<Languages> languages,
      Optional<DocumentText> test) {
    this.rules = EnumSet.of(DocumentRule.NOT_UTF_8, DocumentRule.EMPTY);
    this.rules.addAll(rules);
    this.lineRules = lineRules.isEmpty() ? EnumSet.noneOf(LineRule.class) : EnumSet.copyOf(lineRules);
    this.nearness = nearness;
    this.languages = languages;
    this.test = test;
    languages.ifPresent(wanted -> this.rules.add(DocumentRule.LANGUAGE));
    test.ifPresent(files -> this.rules.add(DocumentRule.CONTAMINATED));
  }

  /** With rules for documents alone. */
  public DocumentCleaning(Set<DocumentRule> rules, MinHash nearness, Optional<DocumentText> test) {
    this(rules, Set.of(), nearness, Optional.empty(), test);
  }

  /**
   * Unicode NFC, lines ended by LF, no white space at the ends; all other white space stays.
   */
  static String normalized(String text) {
    return LINE_END.matcher(Normalizer.normalize(text, Normalizer.Form.NFC)).replaceAll("\n").strip();
  }

  /**
   * Reads and cleans. Of documents of equal text the one with the smallest number stays.
   *
   * @throws InvalidInputException if the text cannot be read, or if no document is left
   */
  public CleanedText clean(SparkSession spark, DocumentText text) {
    Dataset<Row> checked = checked(text.read(spark)).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Map<String, Long> byRule = new HashMap<>();
      for (Row row : checked.groupBy(RULE).count().collectAsList()) {
        byRule.put(row.getString(0), row.getLong(1));
      }
      long read = byRule.values().stream().mapToLong(Long::longValue).sum();
      long passed = byRule.getOrDefault(null, 0L);
      Dataset<Row> documents = checked.filter(col(RULE).isNull()).select(LINE, TEXT);
      if (rules.contains(DocumentRule.DUPLICATE)) {
        documents = withoutDuplicates(documents).persist(StorageLevel.MEMORY_AND_DISK());
        long unique = documents.count();
        byRule.put(DocumentRule.DUPLICATE.text(), passed - unique);
        passed = unique;
      }
      if (rules.contains(DocumentRule.NEAR_DUPLICATE)) {
        Dataset<Row> before = documents;
        documents = new NearDuplicates(nearness).removed(before).persist(StorageLevel.MEMORY_AND_DISK());
        byRule.put(DocumentRule.NEAR_DUPLICATE.text(), passed - documents.count());
        before.unpersist();
      }
      if (documents.storageLevel().equals(StorageLevel.NONE())) {
        documents = documents.persist(StorageLevel.MEMORY_AND_DISK());
      }
      long kept = documents.count();
      CleaningReport report = report(read, kept, byRule, removedLines(checked));
      if (kept == 0) {
        documents.unpersist();
        throw new InvalidInputException("Empty corpus: none of the " + read + " documents of " + text.files()
          + " is left after cleaning (dropped: " + report.droppedText() + "); check the files, or relax prepare.text.rules");
      }
      return new CleanedText(documents, report);
    } finally {
      checked.unpersist();
    }
  }

  private Map<String, Long> removedLines(Dataset<Row> checked) {
    Map<String, Long> removed = new LinkedHashMap<>();
    if (!lineRules.isEmpty()) {
      Column[] others = IntStream.range(1, LineRule.values().length).mapToObj(i -> functions.sum(element(i))).toArray(Column[]::new);
      Row sums = checked.agg(functions.sum(element(0)), others).head();
      lineRules.forEach(rule -> removed.put(rule.text(), sums.getLong(rule.ordinal())));
    }
    return removed;
  }

  private static Column element(int rule) {
    return col(REMOVED).getItem(rule);
  }

  private Dataset<Row> checked(Dataset<Row> raw) {
    EnumSet<LineRule> ofLines = EnumSet.copyOf(lineRules);
    UDF1<String, Row> normalize = text -> {
      CheckedText normalized = CheckedText.of(text == null ? null : normalized(text), ofLines);
      return RowFactory.create(normalized.text(), normalized.removed());
    };
    EnumSet<DocumentRule> shipped = EnumSet.copyOf(rules);
    Languages wanted = languages.orElse(null);
    Broadcast<TestText> runs = test.map(files -> JavaSparkContext.fromSparkContext(raw.sparkSession().sparkContext())
      .broadcast(TestText.read(raw.sparkSession(), files))).orElse(null);
    UDF1<String, String> rule = text -> {
      String broken = broken(shipped, text);
      broken = broken == null && wanted != null && !wanted.areOf(text) ? DocumentRule.LANGUAGE.text() : broken;
      return broken == null && runs != null && runs.value().occursIn(text) ? DocumentRule.CONTAMINATED.text() : broken;
    };
    return raw.withColumn(NORMALIZED, udf(normalize, NORMALIZED_TEXT).apply(col(TEXT)))
      .select(col(LINE), col(NORMALIZED).getField(TEXT).as(TEXT), col(NORMALIZED).getField(REMOVED).as(REMOVED))
      .withColumn(RULE, udf(rule, DataTypes.StringType).apply(col(TEXT)));
  }

  /** Name of the first rule that a document breaks by itself; null if it breaks none. */
  private static String broken(Set<DocumentRule> rules, String text) {
    if (text == null) {
      return DocumentRule.NOT_UTF_8.text();
    }
    if (text.isEmpty()) {
      return DocumentRule.EMPTY.text();
    }
    DocumentQuality document = new DocumentQuality(text);
    return rules.stream().filter(rule -> rule.drops(document)).findFirst().map(DocumentRule::text).orElse(null);
  }

  private static Dataset<Row> withoutDuplicates(Dataset<Row> documents) {
    // Only hashes and numbers are grouped, not the text itself.
    Dataset<Row> first = documents.select(col(LINE), sha2(col(TEXT).cast("binary"), HASH_BITS).as(HASH))
      .groupBy(HASH).agg(min(LINE).as(LINE)).select(LINE);
    return documents.join(first, documents.col(LINE).equalTo(first.col(LINE)), "leftsemi");
  }

  private CleaningReport report(long read, long kept, Map<String, Long> byRule, Map<String, Long> removedLines) {
    Map<String, Long> dropped = new LinkedHashMap<>();
    for (DocumentRule rule : DocumentRule.values()) {
      if (rules.contains(rule)) {
        dropped.put(rule.text(), byRule.getOrDefault(rule.text(), 0L));
      }
    }
    return new CleaningReport(read, kept, dropped, removedLines);
  }
}
