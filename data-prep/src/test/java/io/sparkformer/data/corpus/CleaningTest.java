package io.sparkformer.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.SparkForTests;
import io.sparkformer.data.corpus.ParallelText.TabSeparatedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CleaningTest {

  private static final EnumSet<CleaningRule> ALL = EnumSet.complementOf(EnumSet.of(CleaningRule.TOO_MANY_TOKENS));

  private static SparkSession spark;

  @TempDir
  Path folder;

  @BeforeAll
  static void start() {
    spark = SparkForTests.session();
  }

  @Test
  void everyDropIsCountedByTheFirstRuleBroken() throws IOException {
    ParallelText text = tsv("a\tb\n \tb\nx x x x x x\ty\na\taaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nsame\tsame\na\t b \na\tc\n");
    try (CleanedText cleaned = new Cleaning(new CleaningLimits(5, 100, 4, ALL)).clean(spark, text)) {
      assertThat(cleaned.report().read()).isEqualTo(7);
      assertThat(cleaned.report().kept()).isEqualTo(2);
      assertThat(cleaned.report().dropped().toString())
        .isEqualTo("{empty=1, too-long=1, length-ratio=1, identical-sides=1, duplicate-pair=1}");
      assertThat(rows(cleaned.text())).containsExactly("0|a|b", "6|a|c");
    }
  }

  @Test
  void firstOfEqualPairsIsKept() throws IOException {
    ParallelText text = tsv("q\tr\n" + "a\tb\n".repeat(50) + "c\td\n");
    try (CleanedText cleaned = new Cleaning(new CleaningLimits(5, 100, 4, ALL)).clean(spark, text)) {
      assertThat(rows(cleaned.text())).containsExactly("0|q|r", "1|a|b", "51|c|d");
    }
  }

  @Test
  void validationTextLosesOnlyEmptyPairs() throws IOException {
    ParallelText text = tsv("a\ta\na\ta\n\tb\nx\t" + "y ".repeat(300) + "\n");
    try (CleanedText cleaned = new Cleaning(CleaningLimits.VALIDATION).clean(spark, text)) {
      assertThat(cleaned.report().dropped().toString()).isEqualTo("{empty=1}");
      assertThat(cleaned.text().count()).isEqualTo(3);
    }
  }

  @Test
  void nothingLeftIsAnEmptyCorpusWithTheReasons() throws IOException {
    ParallelText text = tsv("a\ta\n \tb\nb\tb\n");
    assertThatThrownBy(() -> new Cleaning(new CleaningLimits(5, 100, 4, ALL)).clean(spark, text))
      .isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("Empty corpus: none of the 3 pairs of ")
      .hasMessageContaining("(dropped: empty 1, identical-sides 2)");
  }

  @Test
  void heldOutPairsDependOnSeedAndLinesAlone() throws IOException {
    Dataset<Row> pairs = numbered(1000);
    HeldOut one = HeldOut.take(pairs.repartition(1), 1000, 0.1, 2000, 7);
    HeldOut many = HeldOut.take(pairs.repartition(5), 1000, 0.1, 2000, 7);
    assertThat(one.count()).isEqualTo(100);
    assertThat(rows(one.heldOut())).hasSize(100).isEqualTo(rows(many.heldOut()));
    assertThat(rows(one.remaining())).hasSize(900).isEqualTo(rows(many.remaining())).doesNotContainAnyElementsOf(rows(one.heldOut()));
    assertThat(rows(HeldOut.take(pairs, 1000, 0.1, 2000, 8).heldOut())).isNotEqualTo(rows(one.heldOut()));
  }

  @Test
  void heldOutPairsAreBounded() throws IOException {
    Dataset<Row> pairs = numbered(50);
    assertThat(HeldOut.take(pairs, 50, 0.5, 10, 7).heldOut().count()).isEqualTo(10);
    assertThat(HeldOut.take(pairs, 50, 0.001, 10, 7).heldOut().count()).isEqualTo(1);
    assertThat(HeldOut.take(pairs, 50, 0, 10, 7).heldOut().count()).isZero();
    assertThat(HeldOut.take(pairs, 50, 0, 10, 7).remaining().count()).isEqualTo(50);
    assertThatThrownBy(() -> HeldOut.take(pairs, 50, 0.6, 10, 7))
      .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("fraction=0.6 (must be 0 to 0.5)");
  }

  private Dataset<Row> numbered(int count) throws IOException {
    return tsv(IntStream.range(0, count).mapToObj(i -> "a" + i + "\tb" + i + "\n").collect(Collectors.joining())).read(spark);
  }

  private ParallelText tsv(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("text.tsv"), text);
    return new TabSeparatedFile(TextFile.open(JavaSparkContext.fromSparkContext(spark.sparkContext()),
      new org.apache.hadoop.fs.Path(file.toString())), 1, 2);
  }

  private static List<String> rows(Dataset<Row> pairs) {
    return pairs.orderBy(ParallelText.LINE).collectAsList().stream()
      .map(row -> row.getLong(0) + "|" + row.getString(1) + "|" + row.getString(2)).toList();
  }
}
