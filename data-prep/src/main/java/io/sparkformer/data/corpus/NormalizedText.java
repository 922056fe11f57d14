package io.sparkformer.data.corpus;

import java.text.Normalizer;
import java.util.regex.Pattern;

/**
 * Normalizes text: Unicode NFC, every run of whitespace one space, none at the ends.
 */
public final class NormalizedText {

  private static final Pattern WHITESPACE = Pattern.compile("\\p{IsWhite_Space}+");

  private NormalizedText() {
  }

  /**
   * @param text any text
   * @return the same text, normalized; empty if there was only whitespace
   */
  public static String of(String text) {
    return WHITESPACE.matcher(Normalizer.normalize(text, Normalizer.Form.NFC)).replaceAll(" ").strip();
  }
}
