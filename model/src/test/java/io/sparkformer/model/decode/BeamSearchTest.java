package io.sparkformer.model.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BeamSearchTest {

  static final int BEGIN = 0;
  static final int END = 1;
  static final int VOCABULARY = 6;
  /** Token 2 is suppressed too: 3, 4 and 5 are words. */
  static final ControlTokens CONTROL = new ControlTokens(BEGIN, END, Set.of(BEGIN, 2));

  /** A random, but fixed, language model: {@code peakedness} 0 is uniform. */
  static TableDecoder.Table randomTable(long seed, double peakedness) {
    return (source, tokens) -> {
      Random random = new Random(seed * 1_000_003 + source.hashCode() * 7919L + tokens.hashCode());
      double[] logits = new double[VOCABULARY];
      double sum = 0;
      for (int token = 0; token < VOCABULARY; token++) {
        logits[token] = peakedness * random.nextGaussian();
        sum += Math.exp(logits[token]);
      }
      float[] distribution = new float[VOCABULARY];
      for (int token = 0; token < VOCABULARY; token++) {
        distribution[token] = (float) (logits[token] - Math.log(sum));
      }
      return distribution;
    };
  }

  static TableDecoder decoder(TableDecoder.Table table) {
    return new TableDecoder(VOCABULARY, 100, END, table);
  }

  private static List<List<Hypothesis>> search(TableDecoder.Table table, DecodingOptions options, int[]... sources) {
    return new BeamSearch(decoder(table), options, CONTROL).translate(List.of(sources));
  }

  /** Every translation of at most {@code maxTokens} words, best first. */
  static List<Hypothesis> allTranslations(TableDecoder.Table table, int[] source, int maxTokens, double alpha) {
    List<Hypothesis> all = new ArrayList<>();
    collect(table, Arrays.stream(source).boxed().toList(), new ArrayList<>(List.of(BEGIN)), 0.0, maxTokens, alpha, all);
    all.sort(Comparator.comparingDouble(Hypothesis::score).reversed());
    return all;
  }

  private static void collect(TableDecoder.Table table, List<Integer> source, List<Integer> tokens, double logProbability,
      int maxTokens, double alpha, List<Hypothesis> all) {
    float[] next = table.after(source, tokens);
    double ended = logProbability + next[END];
    double divisor = Math.pow((5.0 + tokens.size()) / 6.0, alpha);
    all.add(new Hypothesis(tokens.stream().skip(1).mapToInt(Integer::intValue).toArray(), ended, ended / divisor));
    if (tokens.size() <= maxTokens) {
      for (int word = 3; word < VOCABULARY; word++) {
        List<Integer> longer = new ArrayList<>(tokens);
        longer.add(word);
        collect(table, source, longer, logProbability + next[word], maxTokens, alpha, all);
      }
    }
  }

  @Test
  void wideBeamFindsWhatExhaustiveSearchFinds() {
    int[] source = {3, 4};
    for (double alpha : new double[] {0.0, 0.6, 1.0, 2.0}) {
      for (long seed = 0; seed < 20; seed++) {
        TableDecoder.Table table = randomTable(seed, 1.5);
        List<Hypothesis> expected = allTranslations(table, source, 4, alpha);
        DecodingOptions tenBest = new DecodingOptions(400, alpha, 10, 1.0, 2);
        assertThat(search(table, tenBest, source).get(0)).isEqualTo(expected.subList(0, 10));
        DecodingOptions best = new DecodingOptions(400, alpha, 1, 1.0, 2);
        assertThat(search(table, best, source).get(0)).containsExactly(expected.get(0));
      }
    }
  }

  @Test
  void everyTranslationIsReturnedWhenAllAreAskedFor() {
    TableDecoder.Table table = randomTable(1, 1.0);
    List<Hypothesis> expected = allTranslations(table, new int[] {3}, 3, 0.6);
    assertThat(search(table, new DecodingOptions(400, 0.6, 400, 0.0, 3), new int[] {3}).get(0)).isEqualTo(expected).hasSize(40);
  }

  /** What rules leave of a table, from their definitions. */
  private static TableDecoder.Table ruled(TableDecoder.Table table, double penalty, int ngram, int minTokens) {
    return (source, tokens) -> {
      float[] next = table.after(source, tokens).clone();
      for (int token = 0; token < VOCABULARY; token++) {
        next[token] *= tokens.contains(token) ? (float) penalty : 1;
        List<Integer> longer = new ArrayList<>(tokens);
        longer.add(token);
        List<Integer> last = longer.subList(Math.max(0, longer.size() - ngram), longer.size());
        if (Collections.indexOfSubList(longer, last) < longer.size() - ngram) {
          next[token] = Float.NEGATIVE_INFINITY;
        }
      }
      if (tokens.size() - 1 < minTokens) {
        next[END] = Float.NEGATIVE_INFINITY;
      }
      return next;
    };
  }

  @Test
  void wideBeamFindsTheBestOfWhatTheRulesAllow() {
    int[][] sources = {{3, 4}, {5}, {4, 4, 4}};
    for (long seed = 0; seed < 20; seed++) {
      TableDecoder.Table table = randomTable(seed, 1.5);
      for (int[] rules : new int[][] {{10, 1, 0}, {10, 2, 0}, {10, 3, 2}, {14, 99, 0}, {13, 2, 3}}) {
        DecodingOptions options = new DecodingOptions(400, 0.6, 10, 0, 4).with(new TokenRules(rules[0] / 10.0, rules[1], rules[2], 0));
        List<List<Hypothesis>> together = search(table, options, sources);
        for (int i = 0; i < sources.length; i++) {
          List<Hypothesis> expected = allTranslations(ruled(table, rules[0] / 10.0, rules[1], rules[2]), sources[i], 4, 0.6).stream()
              .filter(each -> each.score() > Double.NEGATIVE_INFINITY).limit(10).toList();
          assertThat(together.get(i)).as("rules %s, seed %d", Arrays.toString(rules), seed).hasSameSizeAs(expected);
          for (int rank = 0; rank < expected.size(); rank++) {
            assertThat(together.get(i).get(rank).tokens()).isEqualTo(expected.get(rank).tokens());
            assertThat(together.get(i).get(rank).score()).isCloseTo(expected.get(rank).score(), within(1e-5));
          }
          assertThat(search(table, options, sources[i]).get(0)).isEqualTo(together.get(i));
        }
      }
    }
  }

  @Test
  void scoresByAverageFindWhatExhaustiveSearchFinds() {
    for (double alpha : new double[] {0.5, 1.0, 2.0}) {
      for (long seed = 0; seed < 20; seed++) {
        TableDecoder.Table table = randomTable(seed, 1.5);
        List<Hypothesis> found = search(table, new DecodingOptions(400, alpha, 5, 0, 4).with(LengthPenalty.AVERAGE), new int[] {3}).get(0);
        assertThat(found.stream().map(Hypothesis::tokens)).containsExactlyElementsOf(allTranslations(table, new int[] {3}, 4, 0).stream()
            .sorted(Comparator.comparingDouble(each -> -each.logProbability() / Math.pow(each.tokens().length + 1, alpha)))
            .map(Hypothesis::tokens).limit(5).toList());
      }
    }
  }

  @Test
  void anyEndTokenFinishesATranslation() {
    ControlTokens twoEnds = new ControlTokens(BEGIN, END, Set.of(2), Set.of(BEGIN));
    TableDecoder.Table table = (source, tokens) -> tokens.size() == 1 ? log(0, 0.1, 0.2, 0.7, 0, 0) : log(0, 0.3, 0.6, 0.1, 0, 0);
    List<Hypothesis> found = new BeamSearch(decoder(table), new DecodingOptions(3, 0, 3, 0, 5), twoEnds).translate(List.of(new int[] {3}))
        .get(0);
    assertThat(found.stream().map(Hypothesis::tokens).map(Arrays::toString)).containsExactly("[3]", "[3]", "[]");
    assertThat(found.get(0).logProbability()).isCloseTo(Math.log(0.42), within(1e-6));
    assertThat(new BeamSearch(decoder(table), new DecodingOptions(1, 0, 1, 0, 5).with(new TokenRules(1, 2)), twoEnds)
        .translate(List.of(new int[] {3})).get(0).get(0).tokens()).containsExactly(3, 3);
  }

  @Test
  void beamOfOneEqualsGreedy() {
    for (long seed = 0; seed < 50; seed++) {
      TableDecoder.Table table = randomTable(seed, 1.0);
      List<Integer> tokens = new ArrayList<>(List.of(BEGIN));
      double logProbability = 0;
      while (true) {
        float[] next = table.after(List.of(5, 3), tokens);
        int best = END;
        for (int word = 3; word < VOCABULARY && tokens.size() <= 8; word++) {
          best = next[word] > next[best] ? word : best;
        }
        logProbability += next[best];
        if (best == END) {
          break;
        }
        tokens.add(best);
      }
      Hypothesis found = search(table, new DecodingOptions(1, 0.6, 1, 4.0, 0), new int[] {5, 3}).get(0).get(0);
      assertThat(found.tokens()).containsExactly(tokens.stream().skip(1).mapToInt(Integer::intValue).toArray());
      assertThat(found.logProbability()).isEqualTo(logProbability);
    }
  }

  @Test
  void translationDoesNotDependOnTheRestOfItsBatch() {
    int[][] sources = {{3}, {4, 5, 3, 3, 4}, {}, {5, 5}, {3, 4, 5}, {4}, {3}};
    TableDecoder.Table table = randomTable(7, 1.0);
    DecodingOptions options = new DecodingOptions(4, 0.6, 3, 1.5, 3);
    List<List<Hypothesis>> together = search(table, options, sources);
    for (int i = 0; i < sources.length; i++) {
      assertThat(search(table, options, sources[i]).get(0)).isEqualTo(together.get(i)).hasSize(3);
    }
    assertThat(together.get(6)).isEqualTo(together.get(0));
  }

  @Test
  void bestHypothesisDoesNotDependOnHowManyAreAskedFor() {
    for (long seed = 0; seed < 50; seed++) {
      TableDecoder.Table table = randomTable(seed, 0.7);
      Hypothesis best = search(table, new DecodingOptions(5, 1.0, 1, 2.0, 4), new int[] {3, 4}).get(0).get(0);
      List<Hypothesis> five = search(table, new DecodingOptions(5, 1.0, 5, 2.0, 4), new int[] {3, 4}).get(0);
      assertThat(five.get(0)).isEqualTo(best);
      assertThat(five).hasSize(5).isSortedAccordingTo(Comparator.comparingDouble(Hypothesis::score).reversed());
      assertThat(five.stream().map(Hypothesis::tokens).map(Arrays::toString)).doesNotHaveDuplicates();
    }
  }

  @Test
  void strongerLengthPenaltyPrefersLongerTranslations() {
    TableDecoder.Table table = (source, tokens) -> tokens.size() < 6
        ? log(0, 0.4, 0, 0.6, 0, 0)
        : log(0, 1.0, 0, 0, 0, 0);
    assertThat(search(table, new DecodingOptions(4, 0.0, 1, 0.0, 10), new int[] {3}).get(0).get(0).tokens()).isEmpty();
    assertThat(search(table, new DecodingOptions(4, 2.0, 1, 0.0, 10), new int[] {3}).get(0).get(0).tokens()).hasSize(5);
  }

  @Test
  void scoreIsLogProbabilityOverThePenaltyOfTheLengthWithEnd() {
    TableDecoder.Table table = (source, tokens) -> tokens.size() == 1 ? log(0, 0, 0, 1.0, 0, 0) : log(0, 0.5, 0, 0, 0.5, 0);
    Hypothesis best = search(table, new DecodingOptions(2, 0.6, 1, 0.0, 1), new int[] {3}).get(0).get(0);
    assertThat(best.tokens()).containsExactly(3);
    assertThat(best.logProbability()).isEqualTo((double) (float) Math.log(0.5));
    assertThat(best.score()).isEqualTo(best.logProbability() / Math.pow(7.0 / 6.0, 0.6));
  }

  @Test
  void hypothesesEndAtTheLongestAllowedLength() {
    TableDecoder.Table neverEnds = (source, tokens) -> log(0, 1e-6, 0, 0.7, 0.2, 0.1);
    assertThat(search(neverEnds, new DecodingOptions(3, 0.6, 1, 2.0, 1), new int[] {3, 3}).get(0).get(0).tokens())
        .containsExactly(3, 3, 3, 3, 3);
    TableDecoder shortModel = new TableDecoder(VOCABULARY, 4, END, neverEnds);
    BeamSearch search = new BeamSearch(shortModel, new DecodingOptions(3, 0.6, 1, 2.0, 1), CONTROL);
    assertThat(search.translate(List.of(new int[] {3, 3})).get(0).get(0).tokens()).hasSize(3);
    assertThat(shortModel.rowsOfSteps).hasSize(4);
    assertThatThrownBy(() -> search.translate(List.of(new int[] {3}, new int[] {3, 3, 3, 3})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sentence 1 of the batch has 4 tokens, the model accepts 3");
  }

  @Test
  void suppressedTokensAreNeverEmitted() {
    TableDecoder.Table table = (source, tokens) -> tokens.size() < 4
        ? log(0.3, 1e-6, 0.6, 0.05, 0.02, 0.02)
        : log(0.1, 0.3, 0.6, 0, 0, 0);
    for (int beam = 1; beam <= 4; beam++) {
      List<Hypothesis> found = search(table, new DecodingOptions(beam, 0.6, beam, 0.0, 8), new int[] {3}).get(0);
      assertThat(found).hasSize(beam).allSatisfy(hypothesis -> assertThat(hypothesis.tokens()).doesNotContain(0, 2));
      assertThat(found.get(0).tokens()).containsExactly(3, 3, 3);
    }
  }

  @Test
  void equallyProbableTokensAreTakenInOrderOfTheirIds() {
    TableDecoder.Table table = (source, tokens) -> tokens.size() < 3 ? log(0, 0, 0, 0.25, 0.25, 0.25) : log(0, 1.0, 0, 0, 0, 0);
    List<Hypothesis> found = search(table, new DecodingOptions(4, 0.6, 4, 0.0, 5), new int[] {3}).get(0);
    assertThat(found.stream().map(Hypothesis::tokens).map(Arrays::toString))
        .containsExactly("[3, 3]", "[3, 4]", "[4, 3]", "[5, 3]");
  }

  @Test
  void finishedSentencesLeaveTheBatch() {
    TableDecoder.Table table = (source, tokens) -> tokens.size() > source.size() ? log(0, 1.0, 0, 0, 0, 0) : log(0, 0, 0, 1.0, 0, 0);
    TableDecoder decoder = decoder(table);
    new BeamSearch(decoder, DecodingOptions.greedy(2.0, 5), CONTROL)
        .translate(List.of(new int[] {3}, new int[] {3, 3, 3}, new int[] {3, 3}));
    assertThat(decoder.rowsOfSteps).containsExactly(3, 3, 2, 1);
  }

  @Test
  void searchStopsOnceNoUnfinishedHypothesisCanWin() {
    TableDecoder.Table table = (source, tokens) -> tokens.size() < 3
        ? log(0, 1e-9, 0, 0.999, 0, 0.001)
        : log(0, 0.98, 0, 0.01, 0.01, 0);
    TableDecoder decoder = decoder(table);
    List<List<Hypothesis>> found = new BeamSearch(decoder, new DecodingOptions(4, 0.6, 1, 0.0, 50), CONTROL)
        .translate(List.of(new int[] {3}));
    assertThat(found.get(0).get(0).tokens()).containsExactly(3, 3);
    assertThat(decoder.rowsOfSteps.size()).isEqualTo(3);
  }

  @Test
  void improbableEarlyEndsDoNotCutTheSearchShort() {
    TableDecoder.Table table = (source, tokens) -> tokens.size() <= 20 ? log(0, 0.01, 0, 0.99, 0, 0) : log(0, 1.0, 0, 0, 0, 0);
    for (int beam = 1; beam <= 4; beam++) {
      assertThat(search(table, new DecodingOptions(beam, 0.6, 1, 0.0, 50), new int[] {3}).get(0).get(0).tokens()).hasSize(20);
    }
  }

  @Test
  void probabilitiesThatAreNotNumbersAreReported() {
    TableDecoder.Table table = (source, tokens) -> tokens.size() < 3 ? log(0, 0, 0, 1, 0, 0) : log(0, Double.NaN, 0, Double.NaN, 0, 0);
    assertThatThrownBy(() -> search(table, new DecodingOptions(2, 0.6, 1, 0.0, 5), new int[] {3}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("sentence 0 of the batch: the network's probabilities after 2 tokens are not numbers; "
            + "the model's parameters are damaged");
    TableDecoder.Table dead = (source, tokens) -> log(0.5, 0, 0.5, 0, 0, 0);
    assertThatThrownBy(() -> search(dead, new DecodingOptions(2, 0.6, 1, 0.0, 5), new int[] {3}))
        .isInstanceOf(IllegalStateException.class).hasMessageContaining("every continuation has probability 0");
  }

  @Test
  void emptyBatchNeedsNoDecoder() {
    assertThat(search((source, tokens) -> null, new DecodingOptions(2, 0.6, 1, 0.0, 5))).isEmpty();
  }

  static float[] log(double... probabilities) {
    float[] logarithms = new float[probabilities.length];
    for (int i = 0; i < probabilities.length; i++) {
      logarithms[i] = (float) Math.log(probabilities[i]);
    }
    return logarithms;
  }
}
