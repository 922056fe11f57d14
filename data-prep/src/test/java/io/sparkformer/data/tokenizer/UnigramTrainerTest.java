package io.sparkformer.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.data.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UnigramTrainerTest {

  private static final List<String> STEMS = List.of("work", "play", "straße", "walk", "think", "größ", "写", "talk", "look", "read");
  private static final List<String> ENDINGS = List.of("", "s", "ed", "ing", "er", "ers", "able", "eren");
  private static final Map<String, Long> WORDS = words();
  private static final UnigramModel MODEL = UnigramTrainer.train(WordCounts.of(WORDS), 300, 2);

  @Test
  void vocabularyHasTheSizeAskedForAndTheProbabilitiesOfADistribution() {
    assertThat(MODEL.tokens()).hasSize(300).doesNotHaveDuplicates().startsWith("<pad>", "<s>", "</s>", "<unk>", "<mask>");
    assertThat(MODEL.tokens().subList(5, 261)).isEqualTo(ByteAlphabet.symbols());
    assertThat(MODEL.scores().subList(0, 5)).containsOnly(UnigramModel.NEVER);
    double sum = MODEL.scores().stream().mapToDouble(Math::exp).sum();
    // What was left out at the end is missing, and the prior takes something from rare pieces, of which so small a text has many.
    assertThat(sum).isBetween(0.6, 1.0);
    assertThat(MODEL.scores().subList(261, 300)).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    assertThat(MODEL.tokens()).contains(ByteAlphabet.toSymbols(" work"), ByteAlphabet.toSymbols(" walk"), ByteAlphabet.toSymbols(" größ"));
  }

  @Test
  void theLibraryCutsEveryTextIntoTheMostProbableTokensAndGivesItBack() {
    List<String> texts = new ArrayList<>(List.of("", " ", "The workers walked and were walking.", "</s><s> <unk>", "日本語 写真",
      "a".repeat(300)));
    Random random = new Random(5);
    IntStream.range(0, 200).forEach(i -> texts.add(RandomText.ofPieces(random, 20)));
    try (Tokenizer tokenizer = Tokenizer.parse(TokenizerFile.json(MODEL), "test")) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(300);
      for (String text : texts) {
        int[] ids = tokenizer.encode(text);
        assertThat(Arrays.stream(ids).noneMatch(SpecialToken::isSpecial)).as(text).isTrue();
        assertThat(tokenizer.decode(ids)).isEqualTo(text);
        assertThat(score(ids)).as(text).isCloseTo(bestScore(text), within(1e-6 * Math.max(1, text.length())));
      }
    }
  }

  @Test
  void theResultDependsOnTheCountsAlone() {
    Map<String, Long> reversed = new LinkedHashMap<>();
    List<String> words = new ArrayList<>(WORDS.keySet());
    Collections.reverse(words);
    words.forEach(word -> reversed.put(word, WORDS.get(word)));
    assertThat(UnigramTrainer.train(WordCounts.of(reversed), 300, 2)).isEqualTo(MODEL);
  }

  /** Sums over all cuts, which are few, beside those of the lattices. */
  @Test
  void expectedCountsAreThoseOfAllCuts() {
    List<String> pieces = List.of("a", "b", "ab", "ba", "aba");
    double[] scores = {Math.log(0.3), Math.log(0.25), Math.log(0.2), Math.log(0.15), Math.log(0.1)};
    PieceTrie trie = new PieceTrie();
    IntStream.range(0, pieces.size()).forEach(i -> trie.put(pieces.get(i).getBytes(StandardCharsets.UTF_8), i));
    Map<String, Long> words = Map.of("abab", 3L, "aba", 2L, "b", 7L);
    double[] expected = new double[5];
    words.forEach((word, count) -> {
      Map<List<Integer>, Double> cuts = new HashMap<>();
      cut(word, pieces, scores, new ArrayList<>(), 1, cuts);
      double all = cuts.values().stream().mapToDouble(each -> each).sum();
      cuts.forEach((cut, probability) -> cut.forEach(piece -> expected[piece] += count * probability / all));
    });
    WordLattices lattices = new WordLattices(WordCounts.of(words), trie);
    assertThat(lattices.expected(scores, new int[] {1, 1, 2, 2, 3})).containsExactly(expected, within(1e-9));
    // aba x b, aba, b: 0.1 * 0.25 is more than 0.2 * 0.2 * ... of the others.
    assertThat(lattices.chosen(scores)).containsExactly(new double[] {0, 7, 6, 0, 2}, within(0.0));
    lattices.keep(new int[] {0, 1, PieceTrie.NONE, PieceTrie.NONE, 2});
    assertThat(lattices.chosen(new double[] {scores[0], scores[1], scores[4]})).containsExactly(new double[] {0, 10, 5}, within(0.0));
  }

  @Test
  void substringsAreCountedInCharacters() {
    SubstringCounts counts = new SubstringCounts(WordCounts.of(Map.of("größe", 4L)));
    assertThat(counts.most(100, 1)).extracting(SubstringCounts.Counted::text)
      // All others go on with the same character.
      .containsExactly("größe", "röße", "öße", "ße");
    assertThat(counts.most(1, 1).get(0).weight()).isEqualTo(20);
    assertThat(counts.most(100, 5)).isEmpty();
  }

  /** Values of scipy.special.digamma. */
  @Test
  void digammaIsThatOfTheTables() {
    assertThat(UnigramTrainer.digamma(1)).isCloseTo(-0.5772156649015329, within(1e-9));
    assertThat(UnigramTrainer.digamma(0.5)).isCloseTo(-1.9635100260214235, within(1e-9));
    assertThat(UnigramTrainer.digamma(100)).isCloseTo(4.600161852738087, within(1e-9));
  }

  @Test
  void vocabularyThatTheCorpusCannotGiveIsRefusedWithTheOneItCan() {
    assertThatThrownBy(() -> UnigramTrainer.train(WordCounts.of(Map.of("abc", 50L)), 16_000, 2)).isInstanceOf(InvalidInputException.class)
      .hasMessageStartingWith("prepare.tokenizer.vocabulary=16000 is more than this corpus can give: 26")
      .hasMessageContaining("5 special tokens, 256 bytes and").hasMessageContaining("or less, or bring more text");
    assertThatThrownBy(() -> UnigramTrainer.train(WordCounts.of(Map.of("abc", 50L)), 260, 2))
      .hasMessageContaining("must be at least 261");
  }

  private static void cut(String rest, List<String> pieces, double[] scores, List<Integer> before, double probability,
      Map<List<Integer>, Double> cuts) {
    if (rest.isEmpty()) {
      cuts.put(List.copyOf(before), probability);
    }
    for (int piece = 0; piece < pieces.size(); piece++) {
      if (rest.startsWith(pieces.get(piece))) {
        before.add(piece);
        cut(rest.substring(pieces.get(piece).length()), pieces, scores, before, probability * Math.exp(scores[piece]), cuts);
        before.remove(before.size() - 1);
      }
    }
  }

  private static double score(int[] ids) {
    return Arrays.stream(ids).mapToDouble(MODEL.scores()::get).sum();
  }

  /** The best score of a text, word by word. */
  private static double bestScore(String text) {
    double[] sum = new double[1];
    PreTokenizer.split(text, word -> {
      String symbols = ByteAlphabet.toSymbols(word);
      double[] best = new double[symbols.length() + 1];
      Arrays.fill(best, 1, best.length, Double.NEGATIVE_INFINITY);
      for (int begin = 0; begin < symbols.length(); begin++) {
        for (int id = 0; id < MODEL.tokens().size(); id++) {
          if (symbols.startsWith(MODEL.tokens().get(id), begin)) {
            int end = begin + MODEL.tokens().get(id).length();
            best[end] = Math.max(best[end], best[begin] + MODEL.scores().get(id));
          }
        }
      }
      sum[0] += best[symbols.length()];
    });
    return sum[0];
  }

  private static Map<String, Long> words() {
    Map<String, Long> words = new LinkedHashMap<>();
    for (int stem = 0; stem < STEMS.size(); stem++) {
      for (int ending = 0; ending < ENDINGS.size(); ending++) {
        words.put(" " + STEMS.get(stem) + ENDINGS.get(ending), 3L + (stem * 7 + ending * 5) % 11);
      }
    }
    words.put("</s>", 40L);
    words.put("internationalisierungsbeauftragterinnen", 9L);
    return words;
  }
}
