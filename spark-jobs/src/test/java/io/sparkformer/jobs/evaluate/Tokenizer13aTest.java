package io.sparkformer.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Tokenizer13aTest {

  private static String tokens(String segment) {
    return String.join(" ", WordTokenization.V13A.tokenize(segment));
  }

  @Test
  void punctuationStandsAlone() {
    assertThat(tokens("He said: \"No (really)!\" [1/2] a@b {c} ~`^_"))
        .isEqualTo("He said : \" No ( really ) ! \" [ 1 / 2 ] a @ b { c } ~ ` ^ _");
  }

  @Test
  void apostropheAndHyphenStayWithTheirWord() {
    assertThat(tokens("don't well-known – it’s")).isEqualTo("don't well-known – it’s");
  }

  @Test
  void periodAndCommaStayBetweenDigits() {
    assertThat(tokens("1.500,50 x.y a,b 3. .5 5, end.")).isEqualTo("1.500,50 x . y a , b 3 . . 5 5 , end .");
  }

  @Test
  void hyphenIsCutOffAfterADigit() {
    assertThat(tokens("3-4 a-3 10-jährig")).isEqualTo("3 - 4 a-3 10 - jährig");
  }

  @Test
  void entitiesBecomeCharactersOneAfterTheOther() {
    assertThat(tokens("&quot;a&quot; &amp; &lt;b&gt; &amp;lt;")).isEqualTo("\" a \" & < b > <");
  }

  @Test
  void skippedMarksAndBrokenLinesAreJoined() {
    assertThat(tokens("a<skipped>b")).isEqualTo("ab");
    assertThat(tokens("hyphen-\nated line\nbreak")).isEqualTo("hyphenated line break");
  }

  @Test
  void blankSegmentHasNoTokens() {
    assertThat(WordTokenization.V13A.tokenize(" \u00a0\t")).isEmpty();
  }
}
