package io.sparkformer.data.corpus;

import java.util.Arrays;
import java.util.Locale;

/** The shingles of a text: hashes of all its runs of a number of words. Words are compared in lower case and without punctuation. */
final class Shingles {

  private Shingles() {
  }

  /**
   * @param width number of words of a shingle
   * @return each shingle once; for a text with fewer words, the hash of all of them; for a text without words, none
   */
  static long[] of(String text, int width) {
    long[] words = words(text);
    int length = Math.min(width, words.length);
    if (length == 0) {
      return new long[0];
    }
    long[] shingles = new long[words.length - length + 1];
    for (int i = 0; i < shingles.length; i++) {
      long hash = length;
      for (int word = 0; word < length; word++) {
        hash = mixed(hash * 31 + words[i + word]);
      }
      shingles[i] = hash;
    }
    return Arrays.stream(shingles).distinct().toArray();
  }

  private static long[] words(String text) {
    long[] words = new long[16];
    int count = 0;
    String lower = text.toLowerCase(Locale.ROOT);
    int i = 0;
    while (i < lower.length()) {
      long hash = 0;
      int begin = i;
      while (i < lower.length() && Character.isLetterOrDigit(lower.charAt(i))) {
        hash = hash * 0x100000001B3L + lower.charAt(i++) + 1;
      }
      if (i > begin) {
        words = count == words.length ? Arrays.copyOf(words, 2 * count) : words;
        words[count++] = mixed(hash);
      } else {
        i++;
      }
    }
    return Arrays.copyOf(words, count);
  }

  /** A bijection that mixes all bits (David Stafford's variant 13). */
  static long mixed(long bits) {
    long mixed = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
