package io.sparkformer.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NormalizedTextTest {

  @Test
  void decomposedCharactersBecomeComposed() {
    assertThat(NormalizedText.of("Mu\u0308ll")).isEqualTo("M\u00FCll");
  }

  @Test
  void everyRunOfWhitespaceBecomesOneSpace() {
    assertThat(NormalizedText.of("\u3000a \t b\u00A0\u2028c\r\u0085 ")).isEqualTo("a b c");
  }

  @Test
  void onlyWhitespaceBecomesEmpty() {
    assertThat(NormalizedText.of(" \u2003\t")).isEmpty();
  }

  @Test
  void joinersInsideWordsStay() {
    assertThat(NormalizedText.of("\u0645\u06CC\u200C\u062E")).isEqualTo("\u0645\u06CC\u200C\u062E");
  }
}
