package io.sparkformer.data.corpus;

import java.io.Serializable;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * Which rules apply, and their limits.
 *
 * @param maxWords most words, separated by spaces, on either side ({@link CleaningRule#TOO_LONG})
 * @param maxCharacters most Unicode characters on either side ({@link CleaningRule#TOO_LONG})
 * @param maxLengthRatio longer side over shorter side, in characters ({@link CleaningRule#LENGTH_RATIO})
 * @param rules the rules that apply; the others drop nothing and are not reported
 */
public record CleaningLimits(int maxWords, int maxCharacters, double maxLengthRatio, Set<CleaningRule> rules) implements Serializable {

  private static final long serialVersionUID = 1L;

  /** For validation text: only pairs with an empty side are dropped. */
  public static final CleaningLimits VALIDATION =
    new CleaningLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, Double.MAX_VALUE, EnumSet.of(CleaningRule.EMPTY));

  /**
   * @throws IllegalArgumentException for a limit that nothing can satisfy
   */
  public CleaningLimits {
    if (maxWords < 1 || maxCharacters < 1 || !(maxLengthRatio >= 1)) {
      throw new IllegalArgumentException("Invalid cleaning limits: maxWords=" + maxWords + ", maxCharacters=" + maxCharacters
        + ", maxLengthRatio=" + maxLengthRatio + " (must be >= 1)");
    }
    Set<CleaningRule> ordered = EnumSet.noneOf(CleaningRule.class);
    ordered.addAll(rules);
    rules = Collections.unmodifiableSet(ordered);
  }

  /**
   * The first rule that this pair breaks on its own.
   *
   * @return {@code null} if it breaks none
   */
  CleaningRule broken(String source, String target) {
    for (CleaningRule rule : rules) {
      if (rule.drops(source, target, this)) {
        return rule;
      }
    }
    return null;
  }
}
