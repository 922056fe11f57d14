package io.sparkformer.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.SparkForTests;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WordCounterTest {

  private static SparkSession spark;

  @BeforeAll
  static void startSpark() {
    spark = SparkForTests.session();
  }

  @Test
  void countsAreThoseOfPlainCounting() {
    List<String> lines = new ArrayList<>();
    Random random = new Random(11);
    for (int i = 0; i < 500; i++) {
      lines.add(i % 2 == 0 ? RandomText.ofPieces(random, 12) : RandomText.ofCodePoints(random, 12));
    }
    Map<String, Long> expected = new HashMap<>();
    lines.forEach(line -> PreTokenizer.split(line, word -> expected.merge(word, 1L, Long::sum)));
    WordCounts counts = new WordCounter(SubwordAlgorithm.BPE, 1_000_000).count(dataset(lines));
    assertThat(words(counts)).isEqualTo(expected);
    assertThat(counts.size()).isEqualTo(expected.size());
    assertThat(counts.total()).isEqualTo(expected.values().stream().mapToLong(Long::longValue).sum());
  }

  @Test
  void rarestWordsAreLeftOutWhenThereAreTooMany() {
    Dataset<String> lines = dataset(List.of("a", "a", "a", "b", "b", "c", "d", "b"));
    assertThat(words(new WordCounter(SubwordAlgorithm.BPE, 4).count(lines))).isEqualTo(Map.of("a", 3L, "b", 3L, "c", 1L, "d", 1L));
    assertThat(words(new WordCounter(SubwordAlgorithm.BPE, 3).count(lines))).isEqualTo(Map.of("a", 3L, "b", 3L));
    assertThat(words(new WordCounter(SubwordAlgorithm.BPE, 1).count(lines))).isEmpty();
  }

  @Test
  void corpusWithoutLinesHasNoWords() {
    assertThat(new WordCounter(SubwordAlgorithm.BPE, 10).count(dataset(List.of())).size()).isZero();
    assertThatThrownBy(() -> new WordCounter(SubwordAlgorithm.BPE, 0)).hasMessage("maxUniqueWords must be at least 1: 0");
  }

  private static Dataset<String> dataset(List<String> lines) {
    return spark.createDataset(lines, Encoders.STRING()).repartition(4);
  }

  private static Map<String, Long> words(WordCounts counts) {
    Map<String, Long> words = new HashMap<>();
    for (int word = 0; word < counts.size(); word++) {
      byte[] utf8 = new byte[counts.end(word) - counts.start(word)];
      for (int i = 0; i < utf8.length; i++) {
        utf8[i] = (byte) counts.byteAt(counts.start(word) + i);
      }
      words.put(new String(utf8, StandardCharsets.UTF_8), counts.count(word));
    }
    return words;
  }
}
