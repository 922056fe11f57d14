package io.sparkformer.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BpeTrainerTest {

  private static final int BASE = BpeModel.SMALLEST;

  @Test
  void resultEqualsTheNaiveAlgorithmOnRandomCorpora() {
    for (int seed = 0; seed < 150; seed++) {
      Map<String, Long> words = randomWords(new Random(seed));
      BpeModel naive = new NaiveBpe(words).train(BASE + 40, 2);
      BpeModel trained = BpeTrainer.train(WordCounts.of(words), naive.tokens().size(), 2);
      assertThat(trained).as("seed %d", seed).isEqualTo(naive);
    }
  }

  @Test
  void vocabularyIsSpecialTokensThenBytesThenMergesInOrder() {
    BpeModel model = BpeTrainer.train(WordCounts.of(Map.of("abab", 3L, "abc", 2L)), BASE + 3, 1);
    assertThat(model.tokens().subList(0, 5)).containsExactly("<pad>", "<s>", "</s>", "<unk>", "<mask>");
    assertThat(model.tokens().subList(5, BASE)).isSorted().hasSize(256).startsWith("!", "\"", "#").endsWith("\u0143");
    // ab occurs 8 times, then abab 3 times, then abc twice.
    assertThat(model.tokens().subList(BASE, BASE + 3)).containsExactly("ab", "abab", "abc");
    assertThat(model.merges()).containsExactly(
      merge(model, "a", "b", "ab"), merge(model, "ab", "ab", "abab"), merge(model, "ab", "c", "abc"));
  }

  @Test
  void equallyFrequentPairsAreMergedInTheOrderOfTheirIds() {
    BpeModel model = BpeTrainer.train(WordCounts.of(Map.of("zy", 5L, "ba", 5L, "ab", 5L, " b", 5L, "bz", 5L)), BASE + 5, 1);
    assertThat(model.tokens().subList(BASE, BASE + 5)).containsExactly("ab", "ba", "bz", "zy", "Ġb");
  }

  @Test
  void countsBeyondTwoToThe31DecideTheOrder() {
    long large = 5_000_000_000L;
    BpeModel model = BpeTrainer.train(WordCounts.of(Map.of("aab", large, "xy", large + 1, "cd", 3_000_000_000L)), BASE + 4, 2);
    assertThat(model.tokens().subList(BASE, BASE + 4)).containsExactly("xy", "aa", "aab", "cd");
  }

  @Test
  void orderOfTheWordsDoesNotMatter() {
    Map<String, Long> words = randomWords(new Random(5));
    Map<String, Long> reversed = new LinkedHashMap<>();
    List<String> keys = words.keySet().stream().sorted(Comparator.reverseOrder()).toList();
    keys.forEach(word -> reversed.put(word, words.get(word)));
    assertThat(BpeTrainer.train(WordCounts.of(reversed), BASE + 20, 1)).isEqualTo(BpeTrainer.train(WordCounts.of(words), BASE + 20, 1));
  }

  @Test
  void vocabularyThatTheCorpusCannotGiveIsRefusedWithTheOneItCan() {
    WordCounts few = WordCounts.of(Map.of("abc", 2L, "xyz", 1L));
    assertThatThrownBy(() -> BpeTrainer.train(few, 16000, 2))
      .isInstanceOf(InvalidInputException.class)
      .hasMessage("prepare.tokenizer.vocabulary=16000 is more than this corpus can give: 263 entries (5 special tokens, "
        + "256 bytes and 2 merged pairs that occur at least 2 times in 2 unique words); "
        + "set prepare.tokenizer.vocabulary to 263 or less, or bring more text");
    assertThat(BpeTrainer.train(few, 263, 2).merges()).hasSize(2);
  }

  @Test
  void vocabularyWithoutRoomForTheBytesIsRefused() {
    assertThatThrownBy(() -> BpeTrainer.train(WordCounts.of(Map.of("abc", 2L)), 260, 2))
      .isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("must be at least 261 (5 special tokens and 256 bytes): found 260");
    assertThatThrownBy(() -> BpeTrainer.train(WordCounts.of(Map.of("abc", 2L)), 261, 0))
      .isInstanceOf(InvalidInputException.class)
      .hasMessageContaining("prepare.tokenizer.min-frequency must be at least 1: found 0");
  }

  @Test
  void noMergeSpellsASpecialToken() {
    BpeModel model = BpeTrainer.train(WordCounts.of(Map.of("</s>", 100L, "<s>", 90L)), BASE + 2, 1);
    assertThat(model.tokens()).doesNotHaveDuplicates().endsWith("s>", "/s>");
    assertThat(model.merges()).noneMatch(merge -> SpecialToken.isSpecial(merge.result()));
  }

  private static Merge merge(BpeModel model, String left, String right, String result) {
    return new Merge(model.tokens().indexOf(left), model.tokens().indexOf(right), model.tokens().indexOf(result));
  }

  /** Few letters, so that runs, overlaps and equal counts abound. */
  private static Map<String, Long> randomWords(Random random) {
    Map<String, Long> words = new HashMap<>();
    int letters = 1 + random.nextInt(4);
    for (int i = 0; i < 40; i++) {
      StringBuilder word = new StringBuilder();
      for (int length = 1 + random.nextInt(12); length > 0; length--) {
        word.append((char) ('a' + random.nextInt(letters)));
      }
      words.put(word.toString(), 1L + random.nextInt(4));
    }
    return words;
  }
}
