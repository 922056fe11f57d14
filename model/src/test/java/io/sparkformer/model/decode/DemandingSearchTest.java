package io.sparkformer.model.decode;

import static io.sparkformer.model.decode.BeamSearchTest.CONTROL;
import static io.sparkformer.model.decode.BeamSearchTest.END;
import static io.sparkformer.model.decode.BeamSearchTest.VOCABULARY;
import static io.sparkformer.model.decode.BeamSearchTest.allTranslations;
import static io.sparkformer.model.decode.BeamSearchTest.decoder;
import static io.sparkformer.model.decode.BeamSearchTest.log;
import static io.sparkformer.model.decode.BeamSearchTest.randomTable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Prefixes, phrases, given translations, groups and coverage, against searches that look at every translation. */
class DemandingSearchTest {
  private static final int[] SOURCE = {3, 4};
  private static final DecodingOptions WIDE = new DecodingOptions(400, 0.6, 10, 0, 4);

  private static List<Hypothesis> search(TableDecoder.Table table, DecodingOptions options, Demands demands) {
    return BeamSearch.withDemands(decoder(table), options, CONTROL).translate(List.of(SOURCE), List.of(demands)).get(0);
  }

  private static Demands phrases(int[]... tokens) {
    return Demands.phrases(Arrays.stream(tokens).map(each -> new Demands.Phrase(each, each)).toList());
  }

  /** One phrase that is spelled otherwise where a text begins. */
  @Test
  void phrasesMayStandAtTheBeginning() {
    for (long seed = 0; seed < 20; seed++) {
      TableDecoder.Table table = randomTable(seed, 1.5);
      List<Hypothesis> expected = allTranslations(table, SOURCE, 5, 0.6).stream().filter(each -> holds(each.tokens(), new int[] {3, 4})
          || Arrays.equals(Arrays.copyOf(each.tokens(), 3), new int[] {5, 5, 4})).limit(10).toList();
      areThose(search(table, WIDE, Demands.phrases(List.of(new Demands.Phrase(new int[] {3, 4}, new int[] {5, 5, 4})))), expected);
      for (Hypothesis found : search(table, new DecodingOptions(2, 0.6, 2, 0, 6),
          Demands.phrases(List.of(new Demands.Phrase(new int[] {3, 4}, new int[] {5}))))) {
        assertThat(holds(found.tokens(), new int[] {3, 4}) || found.tokens()[0] == 5).isTrue();
      }
    }
  }

  private static boolean holds(int[] tokens, int[] phrase) {
    return IntStream.rangeClosed(0, tokens.length - phrase.length)
        .anyMatch(from -> Arrays.equals(tokens, from, from + phrase.length, phrase, 0, phrase.length));
  }

  private static void areThose(List<Hypothesis> found, List<Hypothesis> expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int rank = 0; rank < expected.size(); rank++) {
      assertThat(found.get(rank).tokens()).isEqualTo(expected.get(rank).tokens());
      assertThat(found.get(rank).score()).isCloseTo(expected.get(rank).score(), within(1e-5));
    }
  }

  @Test
  void wideBeamFindsTheBestThatHoldThePhrases() {
    for (long seed = 0; seed < 20; seed++) {
      TableDecoder.Table table = randomTable(seed, 1.5);
      for (int[][] phrases : new int[][][] {{{3}}, {{4, 4}}, {{3}, {5}}, {{3, 4}, {4, 5}}, {{3, 3, 4}}, {{5, 4}, {3}}}) {
        // There is always room for the phrases, and for more than the options allow where they need it.
        int most = Math.max(4, Arrays.stream(phrases).mapToInt(phrase -> phrase.length).sum() + 2);
        List<Hypothesis> expected = allTranslations(table, SOURCE, most, 0.6).stream()
            .filter(each -> Arrays.stream(phrases).allMatch(phrase -> holds(each.tokens(), phrase))).limit(10).toList();
        areThose(search(table, WIDE, phrases(phrases)), expected);
      }
    }
  }

  @Test
  void everyBeamHoldsItsPhrases() {
    int[][] phrases = {{3, 3, 5}, {4, 5}, {3, 3, 4}};
    for (long seed = 0; seed < 50; seed++) {
      for (int beam = 1; beam <= 8; beam++) {
        for (SearchRules rules : SearchRules.values()) {
          DecodingOptions options = new DecodingOptions(beam, 0.6, beam, 0, 12, rules);
          for (Hypothesis found : search(randomTable(seed, 2), options, phrases(phrases))) {
            assertThat(Arrays.stream(phrases)).allMatch(phrase -> holds(found.tokens(), phrase));
          }
        }
      }
    }
  }

  /** A phrase that is begun again within itself. */
  @Test
  void progressIsAFunctionOfTheText() {
    Random random = new Random(2);
    int[][] phrases = {{3, 4, 3, 4, 5}, {4, 4}, {5}};
    for (int trial = 0; trial < 2000; trial++) {
      int[] text = random.ints(random.nextInt(12), 3, 6).toArray();
      PhraseProgress progress = PhraseProgress.of(phrases(phrases).phrases());
      for (int token : text) {
        progress = progress.followedBy(token);
      }
      int met = 0;
      int begun = 0;
      for (int[] phrase : phrases) {
        if (holds(text, phrase)) {
          met += phrase.length;
          continue;
        }
        for (int length = 1; length < phrase.length && length <= text.length; length++) {
          if (Arrays.equals(text, text.length - length, text.length, phrase, 0, length)) {
            begun = Math.max(begun, length);
          }
        }
      }
      assertThat(progress.met()).as(Arrays.toString(text)).isEqualTo(met + begun);
      assertThat(progress.isComplete()).isEqualTo(met == 8);
    }
  }

  @Test
  void wideBeamFindsTheBestThatBeginWithThePrefix() {
    for (long seed = 0; seed < 20; seed++) {
      TableDecoder.Table table = randomTable(seed, 1.5);
      for (int[] prefix : new int[][] {{}, {4}, {3, 3}}) {
        areThose(search(table, WIDE, Demands.prefix(prefix)), allTranslations(table, SOURCE, 4, 0.6).stream()
            .filter(each -> each.tokens().length >= prefix.length && Arrays.equals(Arrays.copyOf(each.tokens(), prefix.length), prefix))
            .limit(10).toList());
      }
    }
  }

  @Test
  void givenTranslationsAreScoredWhateverTheRules() {
    TableDecoder.Table table = randomTable(5, 1);
    for (SearchRules rules : SearchRules.values()) {
      DecodingOptions options = new DecodingOptions(4, 0.6, 1, 0, 2, rules).with(LengthPenalty.WU);
      for (Hypothesis expected : allTranslations(table, SOURCE, 4, 0.6)) {
        List<Hypothesis> found = search(table, options, Demands.translation(expected.tokens()));
        areThose(found, List.of(expected));
        assertThat(found.get(0).logProbability()).isCloseTo(expected.logProbability(), within(1e-5));
      }
    }
  }

  @Test
  void demandsOfOneSentenceDoNotChangeItsNeighbours() {
    TableDecoder.Table table = randomTable(9, 1);
    DecodingOptions options = new DecodingOptions(4, 0.6, 4, 1, 4);
    List<int[]> sources = List.of(new int[] {3}, new int[] {4, 5}, new int[] {5}, new int[] {3, 3, 3}, new int[] {});
    List<Demands> demands = new ArrayList<>(List.of(Demands.prefix(5), Demands.none(), phrases(new int[] {4, 3}),
        Demands.translation(3, 4, 5), Demands.none()));
    demands.set(4, null);
    BeamSearch search = BeamSearch.withDemands(decoder(table), options, CONTROL);
    List<List<Hypothesis>> together = search.translate(sources, demands);
    for (int i = 0; i < sources.size(); i++) {
      assertThat(search.translate(sources.subList(i, i + 1), demands.subList(i, i + 1)).get(0)).isEqualTo(together.get(i));
    }
    List<List<Hypothesis>> free = new BeamSearch(decoder(table), options, CONTROL).translate(sources);
    areThose(together.get(1), free.get(1));
    areThose(together.get(4), free.get(4));
  }

  @Test
  void whatCannotBeIsRefused() {
    TableDecoder.Table table = (source, tokens) -> log(0, 0.5, 0, 0.5, 0, 0);
    assertThatThrownBy(() -> search(table, new DecodingOptions(2, 0.6, 1, 0, 4), Demands.prefix(4)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the rules for next tokens, or the model, do not allow what the translation must hold");
    TableDecoder small = new TableDecoder(VOCABULARY, 4, END, table);
    assertThatThrownBy(() -> BeamSearch.withDemands(small, new DecodingOptions(2, 0.6, 1, 0, 4), CONTROL)
        .translate(List.of(SOURCE), List.of(Demands.prefix(3, 3, 3, 3)))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("what is demanded of the translation of sentence 0 of the batch has 4 tokens, the model accepts 3");
    assertThatThrownBy(() -> phrases(new int[0]))
        .hasMessageContaining("at least one token");
  }

  private static List<Hypothesis> diverse(TableDecoder.Table table, int beam, int groups, double strength) {
    return new BeamSearch(decoder(table), new DecodingOptions(beam, 0.6, beam, 0, 6).withGroups(groups, strength), CONTROL)
        .translate(List.of(SOURCE)).get(0);
  }

  /** Groups of one, step by step from the definition; a translation has four tokens. */
  @Test
  void aTokenLosesForEveryGroupThatTookItBefore() {
    for (long seed = 0; seed < 30; seed++) {
      TableDecoder.Table words = randomTable(seed, 1);
      TableDecoder.Table table = (source, tokens) -> {
        float[] next = words.after(source, tokens).clone();
        next[END] = Float.NEGATIVE_INFINITY;
        return tokens.size() == 5 ? log(0, 1, 0, 0, 0, 0) : next;
      };
      List<List<Integer>> groups = new ArrayList<>(Collections.nCopies(3, List.of(BeamSearchTest.BEGIN)));
      double[] scores = new double[3];
      for (int length = 0; length < 4; length++) {
        List<Integer> taken = new ArrayList<>();
        for (int group = 0; group < 3; group++) {
          float[] next = table.after(List.of(3, 4), groups.get(group));
          int best = IntStream.range(3, VOCABULARY).boxed()
              .max(Comparator.comparingDouble(token -> next[token] - 0.7 * Collections.frequency(taken, token))).orElseThrow();
          scores[group] += next[best] - 0.7 * Collections.frequency(taken, best);
          taken.add(best);
          List<Integer> longer = new ArrayList<>(groups.get(group));
          longer.add(best);
          groups.set(group, longer);
        }
      }
      List<Hypothesis> found = diverse(table, 3, 3, 0.7);
      assertThat(found.stream().map(each -> Arrays.stream(each.tokens()).boxed().toList()))
          .containsExactlyInAnyOrderElementsOf(groups.stream().map(each -> each.subList(1, 5)).toList());
      assertThat(found.get(0).logProbability()).isCloseTo(Arrays.stream(scores).max().orElseThrow(), within(1e-6));
    }
  }

  @Test
  void groupsThatDoNotMindAreBeamsByThemselves() {
    for (long seed = 0; seed < 20; seed++) {
      TableDecoder.Table table = randomTable(seed, 1);
      List<Hypothesis> two = new BeamSearch(decoder(table), new DecodingOptions(2, 0.6, 2, 0, 6), CONTROL).translate(List.of(SOURCE))
          .get(0);
      assertThat(diverse(table, 4, 2, 0)).containsExactly(two.get(0), two.get(0), two.get(1), two.get(1));
      assertThat(diverse(table, 2, 1, 5)).isEqualTo(two);
    }
  }

  @Test
  void anEnsembleSearchesByTheMeanOfProbabilities() {
    for (long seed = 0; seed < 10; seed++) {
      List<TableDecoder.Table> tables = List.of(randomTable(seed, 1.5), randomTable(seed + 100, 1.5), randomTable(seed + 200, 0.5));
      TableDecoder.Table mean = (source, tokens) -> {
        double[] sums = new double[VOCABULARY];
        tables.forEach(table -> Arrays.setAll(sums, token -> sums[token] + Math.exp(table.after(source, tokens)[token]) / 3));
        return log(sums);
      };
      try (EnsembleDecoder ensemble = new EnsembleDecoder(tables.stream().map(BeamSearchTest::decoder).toList(), CONTROL)) {
        areThose(new BeamSearch(ensemble, WIDE, CONTROL).translate(List.of(SOURCE)).get(0),
            allTranslations(mean, SOURCE, 4, 0.6).subList(0, 10));
        List<Hypothesis> ruled = new BeamSearch(ensemble, WIDE.with(new TokenRules(1, 1, 2, 0)), CONTROL).translate(List.of(SOURCE)).get(0);
        assertThat(ruled).allSatisfy(each -> assertThat(each.tokens()).doesNotHaveDuplicates().hasSizeGreaterThan(1));
      }
    }
    assertThatThrownBy(() -> new EnsembleDecoder(List.of(decoder(randomTable(1, 1)), new TableDecoder(7, 9, END, randomTable(1, 1))),
        CONTROL)).hasMessageContaining("need the same vocabulary");
  }

  @Test
  void alignmentsLeaveTheEndTokensOut() {
    float[][] attention = {{0.25f, 0.5f, 0.25f}, {0.3f, 0.3f, 0.4f}, {0, 0, 1}};
    assertThat(AlignmentForm.HARD.of(attention, 2)).isEqualTo("1-0 0-1");
    assertThat(AlignmentForm.SOFT.of(attention, 2)).isEqualTo("0.2500,0.5000,0.2500 0.3000,0.3000,0.4000");
    assertThat(AlignmentForm.HARD.of(new float[][] {{1}}, 1)).isEmpty();
  }

  /** To the source's tokens and its end token. */
  private static TableDecoder.Table randomAttention(long seed) {
    return (source, tokens) -> {
      Random random = new Random(seed + source.hashCode() * 31L + tokens.hashCode());
      double[] weights = random.doubles(source.size() + 1).map(x -> x * x * x).toArray();
      double sum = Arrays.stream(weights).sum();
      float[] attention = new float[weights.length];
      for (int i = 0; i < weights.length; i++) {
        attention[i] = (float) (weights[i] / sum);
      }
      return attention;
    };
  }

  @Test
  void wideBeamFindsTheBestWithTheCoveragePenalty() {
    for (double beta : new double[] {0.2, 1.5}) {
      for (long seed = 0; seed < 20; seed++) {
        TableDecoder.Table table = randomTable(seed, 1.5);
        TableDecoder.Table attention = randomAttention(seed);
        int[] source = {3, 4, 5};
        List<Hypothesis> expected = new ArrayList<>();
        for (Hypothesis each : allTranslations(table, source, 4, 0.6)) {
          double[] covered = new double[3];
          List<Integer> tokens = new ArrayList<>(List.of(BeamSearchTest.BEGIN));
          for (int j = 0; j <= each.tokens().length; j++) {
            float[] row = attention.after(List.of(3, 4, 5), tokens);
            for (int i = 0; i < 3; i++) {
              covered[i] += row[i];
            }
            if (j < each.tokens().length) {
              tokens.add(each.tokens()[j]);
            }
          }
          double penalty = Arrays.stream(covered).map(sum -> Math.log(Math.min(sum, 1))).sum();
          expected.add(new Hypothesis(each.tokens(), each.logProbability(), each.score() + beta * penalty));
        }
        expected.sort(Comparator.comparingDouble(Hypothesis::score).reversed());
        TableDecoder decoder = new TableDecoder(VOCABULARY, 100, END, table, attention);
        areThose(new BeamSearch(decoder, WIDE.withCoverage(beta), CONTROL).translate(List.of(source)).get(0), expected.subList(0, 10));
      }
    }
  }

  @Test
  void hypothesesTellWhatWasAttendedTo() {
    TableDecoder.Table attention = randomAttention(4);
    TableDecoder decoder = new TableDecoder(VOCABULARY, 100, END, randomTable(1, 1), attention);
    for (Hypothesis found : new BeamSearch(decoder, new DecodingOptions(4, 0.6, 4, 0, 6), CONTROL).translate(List.of(SOURCE)).get(0)) {
      List<Integer> tokens = new ArrayList<>(List.of(BeamSearchTest.BEGIN));
      assertThat(found.attention()).hasNumberOfRows(found.tokens().length + 1);
      for (int j = 0; j <= found.tokens().length; j++) {
        assertThat(found.attention()[j]).isEqualTo(attention.after(List.of(3, 4), tokens));
        if (j < found.tokens().length) {
          tokens.add(found.tokens()[j]);
        }
      }
    }
    assertThatThrownBy(() -> new BeamSearch(decoder(randomTable(1, 1)), WIDE.withCoverage(1), CONTROL).translate(List.of(SOURCE)))
        .hasMessageContaining("needs a decoder that watches its attention");
  }
}
