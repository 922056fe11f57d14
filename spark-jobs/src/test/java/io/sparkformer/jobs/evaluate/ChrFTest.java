package io.sparkformer.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ChrFTest {

  private static double score(String hypothesis, String reference) {
    return ChrF.STANDARD.score(ChrF.STANDARD.statistics(hypothesis, reference));
  }

  @Test
  void emptyAndWrongSegmentsScoreZero() {
    assertThat(score("", "abc")).isZero();
    assertThat(score("abc", "")).isZero();
    assertThat(score("", "")).isZero();
    assertThat(score("abc", "xyz")).isZero();
  }

  @Test
  void shortSegmentsAreScoredOnTheOrdersTheyHave() {
    assertThat(score("ja", "ja")).isCloseTo(100, within(1e-12));
    assertThat(score("j", "ja")).isCloseTo(100 * 5 * 1.0 * 0.5 / (4 * 1.0 + 0.5), within(1e-12));
  }

  @Test
  void hypothesisOfAnEmptyReferenceIsNotCounted() {
    assertThat(ChrF.STANDARD.statistics("abcdefg", "ab").hypothesisGrams()).containsExactly(7L, 6L, 0L, 0L, 0L, 0L);
  }

  @Test
  void whitespaceOfEveryKindIsLeftOut() {
    assertThat(score("a\u00a0b\u2007c\u3000d\u001ce\u0085f", "ab c def")).isCloseTo(100, within(1e-12));
  }

  @Test
  void charactersAreCodePoints() {
    assertThat(ChrF.STANDARD.statistics("😀😁", "😀😂").matches()).containsExactly(1L, 0L, 0L, 0L, 0L, 0L);
  }

  @Test
  void caseIsAnOptionAndInTheSignature() {
    ChrF lowercase = new ChrF(Casing.LOWERCASE);
    assertThat(lowercase.score(lowercase.statistics("ÄRGER", "ärger"))).isCloseTo(100, within(1e-12));
    assertThat(score("ÄRGER", "ärger")).isZero();
    assertThat(lowercase.signature()).startsWith("nrefs:1|case:lc|eff:yes|nc:6|nw:0|space:no|version:sparkformer-");
  }

  @Test
  void statisticsAddUpInAnyGrouping() {
    ChrFStatistics first = ChrF.STANDARD.statistics("abc", "abd");
    ChrFStatistics second = ChrF.STANDARD.statistics("hello world", "hello wold");
    ChrFStatistics third = ChrF.STANDARD.statistics("", "q");
    assertThat(first.plus(second).plus(third)).isEqualTo(third.plus(second.plus(first)));
    assertThat(first.plus(ChrFStatistics.NONE)).isEqualTo(first);
  }
}
