package io.sparkformer.model.decode;

import java.io.Serializable;

/**
 * How to search for translations.
 *
 * @param beam unfinished hypotheses kept for each sentence; 1 is greedy search
 * @param lengthPenalty alpha of {@link LengthPenalty#divisor}: 0 favours short translations, larger ones longer translations
 * @param nBest hypotheses returned for each sentence, at most {@code beam}
 * @param maxLengthFactor a translation has at most source tokens times this ...
 * @param maxLengthExtra ... plus this many tokens
 * @param rules of ends
 * @param penalty what {@code lengthPenalty} is the alpha of
 * @param earlyStop when a search by Hugging Face's rules ends
 * @param tokenRules what is done to the probabilities of next tokens
 * @param coveragePenalty beta of {@link CoveragePenalty}, which needs a decoder that watches its attention; 0: none
 * @param groups the beam is divided into so many that keep away from each other ({@link DiverseSearch}); 1: it is not
 * @param diversity what a group's token loses for each hypothesis of the groups before that has just got the same one
 */
public record DecodingOptions(int beam, double lengthPenalty, int nBest, double maxLengthFactor, int maxLengthExtra, SearchRules rules,
    LengthPenalty penalty, EarlyStop earlyStop, TokenRules tokenRules, double coveragePenalty, int groups, double diversity)
    implements Serializable {

  /** By the rules of {@link SearchRules#GNMT}. */
  public DecodingOptions(int beam, double lengthPenalty, int nBest, double maxLengthFactor, int maxLengthExtra) {
    this(beam, lengthPenalty, nBest, maxLengthFactor, maxLengthExtra, SearchRules.GNMT);
  }

  /** With the usual length penalty of the rules. */
  public DecodingOptions(int beam, double lengthPenalty, int nBest, double maxLengthFactor, int maxLengthExtra, SearchRules rules) {
    this(beam, lengthPenalty, nBest, maxLengthFactor, maxLengthExtra, rules, rules.usualPenalty(), EarlyStop.AT_BETTER, TokenRules.NONE,
        0, 1, 0);
  }

  /** Checks every value; messages name it, its value and what would do. */
  public DecodingOptions {
    if (beam < 1) {
      throw new IllegalArgumentException("beam must be at least 1: " + beam + "; 1 is greedy search, 4 is usual");
    }
    if (nBest < 1 || nBest > beam) {
      throw new IllegalArgumentException("n-best must be 1 to beam: n-best=" + nBest + ", beam=" + beam);
    }
    if (!(maxLengthFactor >= 0) || Double.isInfinite(maxLengthFactor)) {
      throw new IllegalArgumentException("max-length-factor must be 0 or more: " + maxLengthFactor);
    }
    if (maxLengthExtra < 0) {
      throw new IllegalArgumentException("max-length-extra must be 0 or more: " + maxLengthExtra);
    }
    if (maxLengthFactor == 0 && maxLengthExtra == 0) {
      throw new IllegalArgumentException("max-length-factor and max-length-extra are both 0: every translation would be empty");
    }
    if (!(lengthPenalty >= 0) || Double.isInfinite(lengthPenalty)) {
      throw new IllegalArgumentException("length penalty must be 0 or more: " + lengthPenalty + "; usual values are 0 to 1");
    }
    if (!(coveragePenalty >= 0) || Double.isInfinite(coveragePenalty)) {
      throw new IllegalArgumentException("coverage penalty must be 0 or more: " + coveragePenalty + "; usual values are 0 to 0.4");
    }
    if (groups < 1 || beam % groups != 0) {
      throw new IllegalArgumentException("groups must divide the beam: groups=" + groups + ", beam=" + beam);
    }
    if (!(diversity >= 0) || Double.isInfinite(diversity)) {
      throw new IllegalArgumentException("diversity must be 0 or more: " + diversity + "; usual values are 0.2 to 1");
    }
  }

  /** The same with another form of length penalty. */
  public DecodingOptions with(LengthPenalty other) {
    return new DecodingOptions(beam, lengthPenalty, nBest, maxLengthFactor, maxLengthExtra, rules, other, earlyStop, tokenRules,
        coveragePenalty, groups, diversity);
  }

  /** The same with another end. */
  public DecodingOptions with(EarlyStop other) {
    return new DecodingOptions(beam, lengthPenalty, nBest, maxLengthFactor, maxLengthExtra, rules, penalty, other, tokenRules,
        coveragePenalty, groups, diversity);
  }

  /** The same with other rules for next tokens. */
  public DecodingOptions with(TokenRules others) {
    return new DecodingOptions(beam, lengthPenalty, nBest, maxLengthFactor, maxLengthExtra, rules, penalty, earlyStop, others,
        coveragePenalty, groups, diversity);
  }

  /** The same with another coverage penalty. */
  public DecodingOptions withCoverage(double beta) {
    return new DecodingOptions(beam, lengthPenalty, nBest, maxLengthFactor, maxLengthExtra, rules, penalty, earlyStop, tokenRules,
        beta, groups, diversity);
  }

  /** The same with the beam in groups. */
  public DecodingOptions withGroups(int count, double strength) {
    return new DecodingOptions(beam, lengthPenalty, nBest, maxLengthFactor, maxLengthExtra, rules, penalty, earlyStop, tokenRules,
        coveragePenalty, count, strength);
  }

  /** Those of a group by itself. */
  DecodingOptions ofGroup() {
    int width = beam / groups;
    return new DecodingOptions(width, lengthPenalty, width, maxLengthFactor, maxLengthExtra, rules, penalty, earlyStop, tokenRules,
        coveragePenalty, 1, 0);
  }

  /** Greedy search: the most probable token at every step. */
  public static DecodingOptions greedy(double maxLengthFactor, int maxLengthExtra) {
    return new DecodingOptions(1, 0.0, 1, maxLengthFactor, maxLengthExtra);
  }

  /** Longest translation, in tokens without begin and end, of a source of this many tokens (without its end). */
  public int maxTokens(int sourceTokens) {
    return (int) Math.min(Integer.MAX_VALUE - 8L, (long) Math.floor(sourceTokens * maxLengthFactor) + maxLengthExtra);
  }
}
