package io.sparkformer.data.corpus;

import java.util.Locale;

/**
 * Why a pair is dropped, in the order in which the rules apply. A pair is counted under the first rule that it breaks.
 */
public enum CleaningRule {

  /** A side without text. */
  EMPTY {
    @Override
    boolean drops(String source, String target, CleaningLimits limits) {
      return source.isEmpty() || target.isEmpty();
    }
  },

  /** A side of too many words or characters. */
  TOO_LONG {
    @Override
    boolean drops(String source, String target, CleaningLimits limits) {
      return tooLong(source, limits) || tooLong(target, limits);
    }
  },

  /** One side is far longer than the other: it is probably no translation. */
  LENGTH_RATIO {
    @Override
    boolean drops(String source, String target, CleaningLimits limits) {
      int sourceCharacters = characters(source);
      int targetCharacters = characters(target);
      int longer = Math.max(sourceCharacters, targetCharacters);
      int shorter = Math.min(sourceCharacters, targetCharacters);
      return longer > ALWAYS_CLOSE_CHARACTERS && longer > limits.maxLengthRatio() * shorter;
    }
  },

  /** The same text on both sides: not translated. */
  IDENTICAL_SIDES {
    @Override
    boolean drops(String source, String target, CleaningLimits limits) {
      return source.equals(target);
    }
  },

  /** A copy of an earlier pair. Found over all pairs, by {@link Cleaning}. */
  DUPLICATE_PAIR,

  /** A side of too many tokens. Decided after the text is encoded. */
  TOO_MANY_TOKENS;

  /** Short texts may differ in length by any factor: "OK", "Einverstanden". */
  private static final int ALWAYS_CLOSE_CHARACTERS = 20;

  /**
   * The rule's name in reports and settings: {@code length-ratio}.
   */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Whether this pair is dropped, whatever other pairs there are.
   *
   * @param source normalized text
   * @param target normalized text
   */
  boolean drops(String source, String target, CleaningLimits limits) {
    return false;
  }

  private static boolean tooLong(String text, CleaningLimits limits) {
    long words = text.isEmpty() ? 0 : 1 + text.chars().filter(character -> character == ' ').count();
    return words > limits.maxWords() || characters(text) > limits.maxCharacters();
  }

  private static int characters(String text) {
    return text.codePointCount(0, text.length());
  }
}
