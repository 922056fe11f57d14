package io.sparkformer.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.data.SparkForTests;
import io.sparkformer.data.SplitMix64;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class NearDuplicatesTest {

  private static final int PAIRS = 400;
  private static final int WORDS = 120;
  private static final double[] EDITS = {0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3};
  private static final MinHash HASH = MinHash.USUAL;

  @Test
  void recallIsTheFormulas() {
    assertThat(HASH.recall(0.8)).isCloseTo(0.9236, within(1e-3));
    assertThat(HASH.recall(0.5)).isCloseTo(0.0535, within(1e-3));
    assertThat(HASH.recall(1)).isEqualTo(1);
  }

  @Test
  void caseAndPunctuationDoNotMatterAndWordsDo() {
    assertThat(HASH.bands("One two, three: four - five six!")).isEqualTo(HASH.bands("one TWO three\nfour five six"));
    assertThat(HASH.bands("one two three four five six")).isNotEqualTo(HASH.bands("one two three four five seven"));
    assertThat(HASH.bands(" ... ")).isEmpty();
    assertThat(HASH.bands("one")).hasSize(14);
  }

  @Test
  void whatIsFoundIsSaid() {
    assertThat(HASH.description())
      .isEqualTo("near duplicates are found to 92.4 % at similarity 0.8, 5.3 % at 0.5 (14 bands of 8, runs of 5 words)");
  }

  /**
   * Copies of documents with a share of their words replaced, 0 to 30 %: found as often as the formula says of their similarities. A copy
   * of 10 % shares 43 % of its runs of five words with the original, one of 30 % 9 %.
   */
  @Test
  void plantedCopiesAreFoundAsOftenAsExpectedAndOthersAreKept() {
    SplitMix64 random = SplitMix64.of(11);
    List<Row> rows = new ArrayList<>();
    List<Double> similarities = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      String[] words = IntStream.range(0, WORDS).mapToObj(w -> "w" + random.nextBelow(5000)).toArray(String[]::new);
      String original = String.join(" ", words);
      double edits = EDITS[i % EDITS.length];
      for (int w = 0; w < WORDS; w++) {
        words[w] = random.nextBelow(10_000) < 10_000 * edits ? "edited" + random.nextBelow(5000) : words[w];
      }
      String copy = String.join(" ", words);
      similarities.add(similarity(Shingles.of(original, 5), Shingles.of(copy, 5)));
      rows.add(RowFactory.create((long) i, original));
      rows.add(RowFactory.create((long) PAIRS + i, copy));
    }
    Set<Long> kept = kept(rows);
    assertThat(kept).containsAll(LongStream.range(0, PAIRS).boxed().toList());
    double expected = 0;
    double variance = 0;
    int found = 0;
    StringBuilder table = new StringBuilder();
    for (int group = 0; group < EDITS.length; group++) {
      double groupExpected = 0;
      int groupFound = 0;
      int size = 0;
      double similarity = 0;
      for (int i = group; i < PAIRS; i += EDITS.length) {
        double probability = HASH.recall(similarities.get(i));
        groupExpected += probability;
        variance += probability * (1 - probability);
        groupFound += kept.contains((long) PAIRS + i) ? 0 : 1;
        similarity += similarities.get(i);
        size++;
      }
      table.append(String.format(Locale.ROOT, "%.1f %% of the words edited, similarity %.2f: %d of %d copies found, %.1f expected%n",
        100 * EDITS[group], similarity / size, groupFound, size, groupExpected));
      expected += groupExpected;
      found += groupFound;
    }
    System.out.print(table);
    assertThat((double) found).as(table.toString()).isCloseTo(expected, within(4 * Math.sqrt(variance)));
    assertThat(expected).isBetween(0.3 * PAIRS, 0.9 * PAIRS);
    // Precision: nothing but copies was found, since all originals are there.
    assertThat(kept).hasSize(2 * PAIRS - found);
  }

  private static Set<Long> kept(List<Row> rows) {
    StructType schema = new StructType().add(DocumentText.LINE, DataTypes.LongType).add(DocumentText.TEXT, DataTypes.StringType);
    Set<Long> kept = new HashSet<>();
    new NearDuplicates(HASH).removed(SparkForTests.session().createDataFrame(rows, schema).repartition(3)).collectAsList()
      .forEach(row -> kept.add(row.getLong(0)));
    return kept;
  }

  private static double similarity(long[] one, long[] other) {
    Set<Long> all = new HashSet<>();
    Set<Long> first = new HashSet<>();
    LongStream.of(one).forEach(first::add);
    all.addAll(first);
    int shared = 0;
    for (long shingle : other) {
      shared += first.contains(shingle) ? 1 : 0;
      all.add(shingle);
    }
    return (double) shared / all.size();
  }
}
