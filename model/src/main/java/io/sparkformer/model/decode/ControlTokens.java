package io.sparkformer.model.decode;

import java.io.Serializable;
import java.util.Set;

/**
 * The token ids with a meaning for the search.
 *
 * @param begin stands before every translation
 * @param end finishes it
 * @param suppressed never part of a translation
 */
public record ControlTokens(int begin, int end, Set<Integer> suppressed) implements Serializable {

  /** Of Sparkformer's vocabularies: padding 0, begin 1, end 2, unknown 3 (bytes spell every text), mask 4. */
  public static final ControlTokens STANDARD = new ControlTokens(1, 2, Set.of(0, 1, 3, 4));

  /** Copies the set; the end token cannot be suppressed. */
  public ControlTokens {
    suppressed = Set.copyOf(suppressed);
    if (suppressed.contains(end)) {
      throw new IllegalArgumentException("the end token " + end + " cannot be suppressed");
    }
  }
}
