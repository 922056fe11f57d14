package io.sparkformer.jobs.evaluate;

import java.util.ArrayList;
import java.util.List;

/**
 * Whitespace as sacreBLEU defines it: Unicode's space separators and the control characters that separate lines, words and records. No
 * single method of {@link Character} has this set: one leaves out no-break spaces, another the control characters.
 */
final class Whitespace {

  private Whitespace() { }

  static boolean is(int character) {
    return Character.isWhitespace(character) || Character.isSpaceChar(character) || character == 0x85;
  }

  /** The words between runs of whitespace; none of them is empty. */
  static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    int start = -1;
    for (int i = 0; i < text.length(); i++) {
      if (is(text.charAt(i))) {
        if (start >= 0) {
          words.add(text.substring(start, i));
          start = -1;
        }
      } else if (start < 0) {
        start = i;
      }
    }
    if (start >= 0) {
      words.add(text.substring(start));
    }
    return words;
  }

  /** The text without any whitespace, as Unicode code points. */
  static int[] remove(String text) {
    return text.codePoints().filter(character -> !is(character)).toArray();
  }

  /** The text without whitespace at its end. */
  static String stripEnd(String text) {
    int end = text.length();
    while (end > 0 && is(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }
}
