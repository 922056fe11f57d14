package io.sparkformer.jobs.generate;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Texts before the first of which a continuation ends. */
final class StopTexts {
  /** More tokens than the longest stop text has bytes: the first of them may be decoded without what belongs to it. */
  private static final int MORE_TOKENS = 4;

  private final List<String> stops;
  private final int tokens;

  StopTexts(List<String> stops) {
    this.stops = stops;
    this.tokens = MORE_TOKENS + stops.stream().mapToInt(stop -> stop.getBytes(StandardCharsets.UTF_8).length).max().orElse(0);
  }

  boolean areNone() {
    return stops.isEmpty();
  }

  /** In how many of the newest tokens a stop text shows that was not there before: a token stands for at least one byte. */
  int tokens() {
    return tokens;
  }

  /** The end of the part of a growing text that can no longer become part of a stop text. */
  int settled(String text) {
    int longest = stops.stream().mapToInt(String::length).max().orElse(1);
    return Math.max(0, text.length() - (longest - 1));
  }

  /** Where the first stop text begins; the text's length where there is none. */
  int find(String text) {
    return stops.stream().mapToInt(text::indexOf).filter(place -> place >= 0).min().orElse(text.length());
  }
}
