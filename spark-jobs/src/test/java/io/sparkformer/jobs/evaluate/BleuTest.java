package io.sparkformer.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class BleuTest {

  @Test
  void emptyHypothesesScoreZero() {
    BleuScore score = Bleu.STANDARD.score(List.of("", " "), List.of("a b c d", "e"));
    assertThat(score.score()).isZero();
    assertThat(score.brevityPenalty()).isZero();
    assertThat(score.statistics().referenceWords()).isEqualTo(5);
    assertThat(score).hasToString("0.00 0.0/0.0/0.0/0.0 (BP = 0.000 ratio = 0.000 hyp_len = 0 ref_len = 5)");
  }

  @Test
  void emptyReferencesScoreZero() {
    BleuScore score = Bleu.STANDARD.score(List.of("a b c d"), List.of(""));
    assertThat(score.score()).isZero();
    assertThat(score.lengthRatio()).isZero();
    assertThat(score.brevityPenalty()).isEqualTo(1);
  }

  @Test
  void emptyCorpusScoresZero() {
    assertThat(Bleu.STANDARD.score(List.of(), List.of()).score()).isZero();
  }

  @Test
  void allWrongWordsScoreZero() {
    BleuScore score = Bleu.STANDARD.score(List.of("a b c d e"), List.of("v w x y z"));
    assertThat(score.score()).isZero();
    assertThat(score.precisions()).containsOnly(0.0);
  }

  @Test
  void segmentsOfOneWordScoreZeroBecauseNoHypothesisHasLongerNgrams() {
    BleuScore score = Bleu.STANDARD.score(List.of("yes", "no"), List.of("yes", "no"));
    assertThat(score.score()).isZero();
    assertThat(score.precisions()).containsExactly(100.0, 0.0, 0.0, 0.0);
  }

  @Test
  void ordersWithoutMatchesCountHalfAndQuarter() {
    BleuScore score = Bleu.STANDARD.score(List.of("a x b y"), List.of("a z b w"));
    assertThat(score.precisions()).containsExactly(50.0, 100.0 / (2 * 3), 100.0 / (4 * 2), 100.0 / (8 * 1));
    assertThat(score.score()).isCloseTo(Math.pow(50.0 * (50.0 / 3) * 12.5 * 12.5, 0.25), within(1e-12));
  }

  @Test
  void wordMatchesAtMostAsOftenAsTheReferenceHasIt() {
    assertThat(Bleu.STANDARD.statistics("the the the the", "the cat the dog").matches()).containsExactly(2L, 0L, 0L, 0L);
  }

  @Test
  void statisticsAddUpInAnyGrouping() {
    BleuStatistics first = Bleu.STANDARD.statistics("a b c d e", "a b c d");
    BleuStatistics second = Bleu.STANDARD.statistics("x y", "x y z");
    BleuStatistics third = Bleu.STANDARD.statistics("", "q");
    assertThat(first.plus(second).plus(third)).isEqualTo(third.plus(second.plus(first)));
    assertThat(first.plus(BleuStatistics.NONE)).isEqualTo(first);
  }

  @Test
  void lowercaseAndTokenizationAreOptionsAndInTheSignature() {
    Bleu plain = new Bleu(Casing.LOWERCASE, WordTokenization.NONE);
    assertThat(plain.statistics("Das IST gut.", "das ist gut.").matches()).containsExactly(3L, 2L, 1L, 0L);
    assertThat(Bleu.STANDARD.statistics("Das IST gut.", "das ist gut.").matches()).containsExactly(2L, 1L, 0L, 0L);
    assertThat(plain.signature()).startsWith("nrefs:1|case:lc|eff:no|tok:none|smooth:exp|version:sparkformer-");
    assertThat(Bleu.STANDARD.signature()).startsWith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:sparkformer-");
    assertThat(WordTokenization.of("none")).isEqualTo(WordTokenization.NONE);
    assertThatThrownBy(() -> WordTokenization.of("intl")).hasMessage("unknown tokenization: intl; there are 13a and none");
  }

  @Test
  void misalignedListsAreReported() {
    assertThatThrownBy(() -> Bleu.STANDARD.score(List.of("a"), List.of())).hasMessage("1 hypotheses for 0 references");
  }
}
