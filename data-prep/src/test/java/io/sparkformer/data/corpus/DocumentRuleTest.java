package io.sparkformer.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DocumentRuleTest {

  /** Prose of 66 words in six sentences. */
  private static final String PROSE = """
    The house stood at the end of the lane, and nobody had lived in it for years. Its garden was full of old roses.
    We walked there every Sunday with my aunt. She told us that a captain had built it after his last voyage!
    Was it true? I have never found out, but I like to think of him sitting at that window, looking for a sail.""";

  @Test
  void proseBreaksNoRule() {
    assertThat(broken(PROSE)).isEmpty();
  }

  @Test
  void eachRuleDropsWhatItIsFor() {
    assertThat(broken("Too short to be of any use.")).contains(DocumentRule.GOPHER_WORDS, DocumentRule.C4_SENTENCES);
    assertThat(broken("a b c d e f g h i j ".repeat(6))).contains(DocumentRule.GOPHER_WORD_LENGTH);
    assertThat(broken(PROSE + " # # # # # # # #")).containsExactly(DocumentRule.GOPHER_SYMBOLS);
    assertThat(broken(PROSE.lines().map(line -> "- " + line).collect(Collectors.joining("\n"))))
      .containsExactly(DocumentRule.GOPHER_BULLETS);
    assertThat(broken(PROSE.lines().map(line -> line + "...").collect(Collectors.joining("\n"))))
      .containsExactly(DocumentRule.GOPHER_ELLIPSES);
    assertThat(broken(PROSE + " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20")).contains(DocumentRule.GOPHER_LETTERS);
    assertThat(broken(IntStream.range(0, 60).mapToObj(i -> "wort" + i + (i % 10 == 9 ? "." : "")).collect(Collectors.joining(" "))))
      .containsExactly(DocumentRule.GOPHER_STOP_WORDS);
    assertThat(broken(PROSE + "\n" + PROSE.lines().toList().get(0))).contains(DocumentRule.GOPHER_DUPLICATE_LINES,
      DocumentRule.GOPHER_DUPLICATE_RUNS);
    assertThat(broken(PROSE + "\n\n" + PROSE)).contains(DocumentRule.GOPHER_DUPLICATE_PARAGRAPHS);
    assertThat(broken(PROSE + " again and".repeat(20))).contains(DocumentRule.GOPHER_TOP_RUNS);
    assertThat(broken(PROSE + " Lorem Ipsum dolor sit.")).containsExactly(DocumentRule.C4_LOREM_IPSUM);
    assertThat(broken(PROSE + " if (x) { y }")).containsExactly(DocumentRule.C4_BRACES);
  }

  @Test
  void sharesAreThoseOfTheDefinitions() {
    DocumentQuality lines = new DocumentQuality("aa\nbbbb\naa\naa");
    assertThat(lines.duplicateLines()).isEqualTo(0.5);
    assertThat(lines.charactersOfDuplicateLines()).isCloseTo(0.4, within(1e-12));
    DocumentQuality runs = new DocumentQuality("x y x y x zz");
    // "x y" twice is 4 of 7 characters.
    assertThat(runs.charactersOfTopRun(2)).isCloseTo(4 / 7.0, within(1e-12));
    // Words 2 to 4, "x y x", are in runs that occurred before.
    assertThat(runs.charactersOfDuplicateRuns(2)).isCloseTo(3 / 7.0, within(1e-12));
  }

  private static EnumSet<DocumentRule> broken(String text) {
    DocumentQuality document = new DocumentQuality(DocumentCleaning.normalized(text));
    EnumSet<DocumentRule> broken = EnumSet.noneOf(DocumentRule.class);
    Arrays.stream(DocumentRule.values()).filter(rule -> rule.drops(document)).forEach(broken::add);
    return broken;
  }
}
