package io.sparkformer.data.tokenizer;

/**
 * Text without lone surrogates. A Java string may hold one half of a surrogate pair; UTF-8 cannot, and the native library would then return
 * a wrong string. A lone surrogate becomes U+FFFD, the replacement character; all other text stays the same object.
 */
final class WellFormedText {

  private static final char REPLACEMENT = '\uFFFD';

  private WellFormedText() {
  }

  static String of(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (isPair(text, i)) {
          i++;
        } else {
          return repaired(text);
        }
      }
    }
    return text;
  }

  private static String repaired(String text) {
    StringBuilder result = new StringBuilder(text);
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (isPair(text, i)) {
          i++;
        } else {
          result.setCharAt(i, REPLACEMENT);
        }
      }
    }
    return result.toString();
  }

  private static boolean isPair(String text, int i) {
    return Character.isHighSurrogate(text.charAt(i)) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
  }
}
