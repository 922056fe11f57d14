package io.sparkformer.jobs.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.decode.DecodingOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

class SentenceTranslatorTest {

  private static List<Translation> translate(int maxLength, DecodingOptions options, String... sentences) {
    try (SentenceTranslator translator =
        new SentenceTranslator(new ReversingModel(maxLength, "t").load(), options, TranslationForm.PLAIN, 100)) {
      return translator.translate(List.of(sentences));
    }
  }

  @Test
  void translationsComeInTheOrderOfTheSentences() {
    List<Translation> translations = translate(50, new DecodingOptions(4, 0.6, 1, 2.0, 10), "one", "", "twenty-two", " \t", "four");
    assertThat(translations).extracting(Translation::text).containsExactly("eno", "", "owt-ytnewt", "", "ruof");
    assertThat(translations).extracting(Translation::sourceTokens).containsExactly(3, 0, 10, 0, 4);
  }

  @Test
  void bestCandidatesComeWithScores() {
    Translation translation = translate(50, new DecodingOptions(4, 1.0, 3, 2.0, 10), "ab").get(0);
    assertThat(translation.candidates()).extracting(Translation.Candidate::text).containsExactly("ba", "bax", "b");
    assertThat(translation.candidates().get(0).score()).isCloseTo(3 * Math.log(0.99) / (8.0 / 6.0), within(1e-6));
    assertThat(translation.candidates().get(2).score()).isCloseTo((Math.log(0.99) + Math.log(0.004)) / (7.0 / 6.0), within(1e-6));
  }

  @Test
  void sentenceTooLongForTheModelIsCutOff() {
    List<Translation> translations = translate(5, DecodingOptions.greedy(2.0, 10), "abcdefg", "abcd");
    assertThat(translations.get(0)).isEqualTo(new Translation(translations.get(0).candidates(), 4, 4, 3));
    assertThat(translations.get(0).text()).isEqualTo("dcba");
    assertThat(translations.get(1).tokensCutOff()).isZero();
  }

  @Test
  void textIsNormalizedAsTrainingTextWas() {
    assertThat(translate(50, DecodingOptions.greedy(2.0, 10), " x\t \u00a0yz ").get(0).text()).isEqualTo("zy x");
  }

  @Test
  void controlCharactersOfATranslationBecomeSpaces() {
    assertThat(translate(50, DecodingOptions.greedy(2.0, 10), "x\u0007y").get(0).text()).isEqualTo("y x");
  }
}
