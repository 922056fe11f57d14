package io.sparkformer.jobs.generate;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** How continuations are written as lines of text; the package documentation specifies it. */
final class ContinuationLines {

  private ContinuationLines() { }

  /**
   * The lines of one prompt.
   *
   * @param number of the prompt, from 0
   * @param samples wanted for each prompt
   */
  static List<String> of(long number, List<String> texts, int samples) {
    return samples == 1 ? List.of(escaped(texts.get(0))) : IntStream.range(0, texts.size())
        .mapToObj(sample -> (number + 1) + "\t" + (sample + 1) + "\t" + escaped(texts.get(sample))).toList();
  }

  private static String escaped(String text) {
    StringBuilder line = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      switch (character) {
        case '\\' -> line.append("\\\\");
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        default -> {
          if (Character.isISOControl(character)) {
            line.append(String.format(Locale.ROOT, "\\u%04x", (int) character));
          } else {
            line.append(character);
          }
        }
      }
    }
    return line.toString();
  }
}
