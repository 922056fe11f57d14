package io.sparkformer.model.decode;

import java.io.Serializable;
import java.util.Set;

/**
 * The token ids with a meaning for the search.
 *
 * @param begin stands before every translation
 * @param end finishes it; an encoder reads it behind a source sentence
 * @param otherEnds finish it as well; a text that is cut at its longest length is scored as one that {@code end} finishes
 * @param suppressed never part of a translation
 */
public record ControlTokens(int begin, int end, Set<Integer> otherEnds, Set<Integer> suppressed) implements Serializable {

  /** Of Sparkformer's vocabularies: padding 0, begin 1, end 2, unknown 3 (bytes spell every text), mask 4. */
  public static final ControlTokens STANDARD = new ControlTokens(1, 2, Set.of(0, 1, 3, 4));

  /** Copies the sets; an end token cannot be suppressed. */
  public ControlTokens {
    otherEnds = Set.copyOf(otherEnds);
    suppressed = Set.copyOf(suppressed);
    for (int token : suppressed) {
      if (token == end || otherEnds.contains(token)) {
        throw new IllegalArgumentException("the end token " + token + " cannot be suppressed");
      }
    }
  }

  /** With one end token. */
  public ControlTokens(int begin, int end, Set<Integer> suppressed) {
    this(begin, end, Set.of(), suppressed);
  }

  /** Whether a token finishes a text. */
  public boolean isEnd(int token) {
    return token == end || !otherEnds.isEmpty() && otherEnds.contains(token);
  }

  /** Number of end tokens. */
  int ends() {
    return 1 + otherEnds.size();
  }
}
