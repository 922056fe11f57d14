package io.sparkformer.data.tokenizer;

import java.util.function.Consumer;

/**
 * Cuts text into words as BERT does (Devlin et al. 2019), and Hugging Face's {@code BertNormalizer} and {@code BertPreTokenizer}: at white
 * space; every punctuation character and every Chinese character is a word of its own; control characters are left out.
 */
final class BertWords {

  private BertWords() {
  }

  /** Passes on the words of a text, in order. */
  static void split(String anyText, Consumer<String> words) {
    String text = WellFormedText.of(anyText);
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < text.length();) {
      int character = text.codePointAt(i);
      i += Character.charCount(character);
      if (isControl(character)) {
        continue;
      }
      boolean alone = isPunctuation(character) || isChinese(character);
      if (alone || CharacterClass.of(character) == CharacterClass.SPACE) {
        end(word, words);
      }
      if (alone) {
        words.accept(Character.toString(character));
      } else if (CharacterClass.of(character) != CharacterClass.SPACE) {
        word.appendCodePoint(character);
      }
    }
    end(word, words);
  }

  private static void end(StringBuilder word, Consumer<String> words) {
    if (!word.isEmpty()) {
      words.accept(word.toString());
      word.setLength(0);
    }
  }

  /** ASCII that is neither letter, digit, space nor control, and Unicode's punctuation. */
  private static boolean isPunctuation(int character) {
    if (character < 0x80) {
      return character > ' ' && character < 0x7f && !Character.isLetterOrDigit(character);
    }
    return switch (Character.getType(character)) {
      case Character.CONNECTOR_PUNCTUATION, Character.DASH_PUNCTUATION, Character.START_PUNCTUATION, Character.END_PUNCTUATION,
        Character.INITIAL_QUOTE_PUNCTUATION, Character.FINAL_QUOTE_PUNCTUATION, Character.OTHER_PUNCTUATION -> true;
      default -> false;
    };
  }

  /** The blocks of ideographs that BERT's tokenizer puts spaces around. */
  private static boolean isChinese(int character) {
    return character >= 0x4E00 && character <= 0x9FFF || character >= 0x3400 && character <= 0x4DBF
      || character >= 0x20000 && character <= 0x2A6DF || character >= 0x2A700 && character <= 0x2B73F
      || character >= 0x2B740 && character <= 0x2B81F || character >= 0x2B820 && character <= 0x2CEAF
      || character >= 0xF900 && character <= 0xFAFF || character >= 0x2F800 && character <= 0x2FA1F;
  }

  private static boolean isControl(int character) {
    if (character == '\t' || character == '\n' || character == '\r') {
      return false;
    }
    return switch (Character.getType(character)) {
      case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE -> true;
      default -> character == 0xFFFD;
    };
  }
}
