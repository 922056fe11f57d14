package io.sparkformer.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class CleaningRuleTest {

  private static final CleaningLimits LIMITS = new CleaningLimits(5, 100, 3.0, EnumSet.allOf(CleaningRule.class));

  @Test
  void aSideWithoutTextIsEmpty() {
    assertThat(LIMITS.broken("", "x")).isEqualTo(CleaningRule.EMPTY);
    assertThat(LIMITS.broken("x", "")).isEqualTo(CleaningRule.EMPTY);
    assertThat(LIMITS.broken("x", "y")).isNull();
  }

  @Test
  void tooManyWordsOrCharactersOnEitherSideIsTooLong() {
    assertThat(LIMITS.broken("a b c d e", "a b c d f")).isNull();
    assertThat(LIMITS.broken("a b c d e f", "a b c d")).isEqualTo(CleaningRule.TOO_LONG);
    assertThat(LIMITS.broken("a b c d", "a b c d e f")).isEqualTo(CleaningRule.TOO_LONG);
    assertThat(LIMITS.broken("x".repeat(100), "y".repeat(100))).isNull();
    assertThat(LIMITS.broken("x".repeat(101), "y".repeat(100))).isEqualTo(CleaningRule.TOO_LONG);
  }

  @Test
  void charactersOutsideTheBasicPlaneCountOnce() {
    assertThat(LIMITS.broken("\uD83D\uDE00".repeat(100), "y".repeat(100))).isNull();
  }

  @Test
  void unevenSidesBreakTheRatioOnceTheLongerIsNotShort() {
    assertThat(LIMITS.broken("x", "y".repeat(20))).isNull();
    assertThat(LIMITS.broken("x", "y".repeat(21))).isEqualTo(CleaningRule.LENGTH_RATIO);
    assertThat(LIMITS.broken("x".repeat(30), "y".repeat(10))).isNull();
    assertThat(LIMITS.broken("x".repeat(31), "y".repeat(10))).isEqualTo(CleaningRule.LENGTH_RATIO);
  }

  @Test
  void equalSidesAreIdentical() {
    assertThat(LIMITS.broken("Berlin", "Berlin")).isEqualTo(CleaningRule.IDENTICAL_SIDES);
    assertThat(LIMITS.broken("Berlin", "berlin")).isNull();
  }

  @Test
  void rulesThatAreOffDropNothing() {
    assertThat(CleaningLimits.VALIDATION.broken("Berlin", "Berlin")).isNull();
    assertThat(CleaningLimits.VALIDATION.broken("x", "y ".repeat(5000))).isNull();
    assertThat(CleaningLimits.VALIDATION.broken("", "y")).isEqualTo(CleaningRule.EMPTY);
  }

  @Test
  void namesAreThoseOfTheSettings() {
    assertThat(EnumSet.allOf(CleaningRule.class)).extracting(CleaningRule::text)
      .containsExactly("empty", "too-long", "length-ratio", "identical-sides", "duplicate-pair", "too-many-tokens");
  }

  @Test
  void impossibleLimitsAreRefused() {
    assertThatThrownBy(() -> new CleaningLimits(0, 100, 3, EnumSet.allOf(CleaningRule.class)))
      .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("maxWords=0");
    assertThatThrownBy(() -> new CleaningLimits(5, 100, Double.NaN, EnumSet.allOf(CleaningRule.class)))
      .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("maxLengthRatio=NaN");
  }
}
