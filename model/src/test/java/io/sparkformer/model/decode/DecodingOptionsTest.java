package io.sparkformer.model.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;

class DecodingOptionsTest {

  @Test
  void impossibleValuesAreNamed() {
    assertThatThrownBy(() -> new DecodingOptions(0, 0.6, 1, 2.0, 10))
        .hasMessage("beam must be at least 1: 0; 1 is greedy search, 4 is usual");
    assertThatThrownBy(() -> new DecodingOptions(4, 0.6, 5, 2.0, 10)).hasMessage("n-best must be 1 to beam: n-best=5, beam=4");
    assertThatThrownBy(() -> new DecodingOptions(4, 0.6, 0, 2.0, 10)).hasMessage("n-best must be 1 to beam: n-best=0, beam=4");
    assertThatThrownBy(() -> new DecodingOptions(4, -1, 1, 2.0, 10))
        .hasMessage("length penalty must be 0 or more: -1.0; usual values are 0 to 1");
    assertThatThrownBy(() -> new DecodingOptions(4, Double.NaN, 1, 2.0, 10))
        .hasMessageContaining("length penalty must be 0 or more: NaN");
    assertThatThrownBy(() -> new DecodingOptions(4, 0.6, 1, -2.0, 10)).hasMessage("max-length-factor must be 0 or more: -2.0");
    assertThatThrownBy(() -> new DecodingOptions(4, 0.6, 1, 2.0, -1)).hasMessage("max-length-extra must be 0 or more: -1");
    assertThatThrownBy(() -> new DecodingOptions(4, 0.6, 1, 0.0, 0)).hasMessageContaining("every translation would be empty");
    assertThatThrownBy(() -> new ControlTokens(0, 1, Set.of(1))).hasMessage("the end token 1 cannot be suppressed");
  }

  @Test
  void longestTranslationGrowsWithTheSource() {
    DecodingOptions options = new DecodingOptions(4, 0.6, 1, 1.5, 10);
    assertThat(options.maxTokens(0)).isEqualTo(10);
    assertThat(options.maxTokens(3)).isEqualTo(14);
    assertThat(new DecodingOptions(4, 0.6, 1, 1e9, 10).maxTokens(1_000_000)).isPositive();
  }

  @Test
  void lengthPenaltyIsThatOfThePaper() {
    assertThat(LengthPenalty.WU.divisor(1, 0.6)).isEqualTo(1.0);
    assertThat(LengthPenalty.WU.divisor(7, 1.0)).isEqualTo(2.0);
    assertThat(LengthPenalty.WU.divisor(100, 0.0)).isEqualTo(1.0);
    assertThat(LengthPenalty.AVERAGE.divisor(4, 1.0)).isEqualTo(4.0);
    assertThat(LengthPenalty.AVERAGE.divisor(4, 0.5)).isEqualTo(2.0);
  }
}
