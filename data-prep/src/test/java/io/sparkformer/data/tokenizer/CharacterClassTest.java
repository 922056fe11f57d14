package io.sparkformer.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CharacterClassTest {

  private static final int CHUNK = 0x1000;

  /**
   * Characters of one class in a row are one word, so the native library answers for every code point quickly. When a new
   * release of it knows a newer Unicode, this test fails and leaves the new table in {@code target/character-classes.txt}, to be
   * copied over the old one.
   */
  @Test
  void tableIsWhatTheNativeLibraryThinksOfEveryCodePoint() throws IOException {
    BpeModel bytesOnly = BpeTrainer.train(WordCounts.of(Map.of()), BpeModel.SMALLEST, 1);
    try (NativeTokenizer library = new NativeTokenizer(TokenizerFile.json(bytesOnly))) {
      boolean same = IntStream.range(0, CharacterClass.values().length)
        .allMatch(ordinal -> isOneWord(library, CharacterClass.values()[ordinal], "a1\u2003!".substring(ordinal, ordinal + 1)));
      Path found = Path.of("target", CharacterClass.TABLE);
      if (!same) {
        Files.writeString(found, probedTable(library));
      }
      assertThat(same).as("the library's classes, see %s", found).isTrue();
    }
  }

  @Test
  void classesOfWellKnownCharactersAreAsNamed() {
    assertThat(List.of('a', 'Ö', '\u4e2d').stream().map(CharacterClass::of)).containsOnly(CharacterClass.LETTER);
    assertThat(List.of('7', '²', '\u0665').stream().map(CharacterClass::of)).containsOnly(CharacterClass.NUMBER);
    assertThat(List.of(' ', '\u0085', '\u3000').stream().map(CharacterClass::of)).containsOnly(CharacterClass.SPACE);
    assertThat(List.of('!', '\u200d', '\u180e', '\ud800').stream().map(CharacterClass::of)).containsOnly(CharacterClass.OTHER);
    assertThat(CharacterClass.of(0x1f600)).isEqualTo(CharacterClass.OTHER);
    assertThat(CharacterClass.of(0x20000)).isEqualTo(CharacterClass.LETTER);
    assertThat(CharacterClass.of(Character.MAX_CODE_POINT)).isEqualTo(CharacterClass.OTHER);
  }

  private static boolean isOneWord(NativeTokenizer library, CharacterClass type, String member) {
    int[] members = IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
      .filter(codePoint -> codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE)
      .filter(codePoint -> CharacterClass.of(codePoint) == type)
      .toArray();
    for (int from = 0; from < members.length; from += CHUNK) {
      String text = member + new String(members, from, Math.min(CHUNK, members.length - from));
      if (Arrays.stream(library.wordOfToken(text)).anyMatch(word -> word != 0)) {
        return false;
      }
    }
    return true;
  }

  private static String probedTable(NativeTokenizer library) {
    CharacterClass[] classes = new CharacterClass[Character.MAX_CODE_POINT + 1];
    for (int from = 0; from < classes.length; from += CHUNK) {
      probe(library, from, classes);
    }
    StringBuilder lines = new StringBuilder("# Class, first and last code point; all others are OTHER. Made by CharacterClassTest.\n");
    for (int from = 0; from < classes.length;) {
      int to = from;
      while (to + 1 < classes.length && classes[to + 1] == classes[from]) {
        to++;
      }
      if (classes[from] != CharacterClass.OTHER) {
        lines.append(String.format("%s %04X %04X\n", classes[from], from, to));
      }
      from = to + 1;
    }
    return lines.toString();
  }

  /** A letter joins an 'a' before it, a number a '1' after it, other signs a '!' after it, and a space none of them. */
  private static void probe(NativeTokenizer library, int from, CharacterClass[] classes) {
    long[] beforeOne = words(library, from, "1");
    long[] beforeSign = words(library, from, "!");
    int at = 0;
    for (int codePoint = from; codePoint < from + CHUNK; codePoint++) {
      int next = at + 1 + utf8Length(codePoint);
      classes[codePoint] = CharacterClass.SPACE;
      if (codePoint != ' ') {
        if (beforeOne[at] == beforeOne[at + 1]) {
          classes[codePoint] = CharacterClass.LETTER;
        } else if (beforeOne[at + 1] == beforeOne[next]) {
          classes[codePoint] = CharacterClass.NUMBER;
        } else if (beforeSign[at + 1] == beforeSign[next]) {
          classes[codePoint] = CharacterClass.OTHER;
        }
      }
      at = next + 1;
    }
  }

  private static long[] words(NativeTokenizer library, int from, String after) {
    StringBuilder text = new StringBuilder();
    for (int codePoint = from; codePoint < from + CHUNK; codePoint++) {
      text.append('a').appendCodePoint(codePoint).append(after);
    }
    return library.wordOfToken(text.toString());
  }

  private static int utf8Length(int codePoint) {
    return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }
}
