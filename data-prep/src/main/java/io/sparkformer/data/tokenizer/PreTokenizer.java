package io.sparkformer.data.tokenizer;

import java.util.function.Consumer;

/**
 * Cuts text into words, within which BPE merges: exactly the cuts of Hugging Face's {@code ByteLevel} pre-tokenizer with
 * {@code add_prefix_space=false} and {@code use_regex=true}, which is GPT-2's expression
 * <pre>{@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}</pre>
 *
 * <p>Written out as a scanner rather than as a {@code java.util.regex} pattern, because the two libraries disagree on what a letter,
 * a number or a space is ({@link CharacterClass}); it is also several times faster. Every character belongs to exactly one word, so
 * the words joined are the text.
 */
final class PreTokenizer {

  private static final String[] CONTRACTIONS = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};

  private PreTokenizer() {
  }

  /** Passes on the words of a text, in order; lone surrogates count as U+FFFD, as they do when encoding. */
  static void split(String anyText, Consumer<String> words) {
    String text = WellFormedText.of(anyText);
    int start = 0;
    while (start < text.length()) {
      int end = wordEnd(text, start);
      words.accept(text.substring(start, end));
      start = end;
    }
  }

  private static int wordEnd(String text, int start) {
    char first = text.charAt(start);
    if (first == '\'') {
      for (String contraction : CONTRACTIONS) {
        if (text.startsWith(contraction, start)) {
          return start + contraction.length();
        }
      }
    }
    int body = first == ' ' && start + 1 < text.length() ? start + 1 : start;
    CharacterClass type = CharacterClass.of(text.codePointAt(body));
    if (type != CharacterClass.SPACE) {
      return runEnd(text, body, type);
    }
    int end = runEnd(text, start, CharacterClass.SPACE);
    // The last space before a word is left to that word; all of them are in the basic plane.
    boolean beforeWord = end < text.length();
    return beforeWord && end - start > 1 ? end - 1 : end;
  }

  private static int runEnd(String text, int start, CharacterClass type) {
    int end = start;
    while (end < text.length()) {
      int codePoint = text.codePointAt(end);
      if (CharacterClass.of(codePoint) != type) {
        break;
      }
      end += Character.charCount(codePoint);
    }
    return end;
  }
}
