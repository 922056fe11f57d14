package io.sparkformer.model.decode;

import java.util.List;

/**
 * What the translation of a sentence must be like.
 *
 * @param prefix tokens that it begins with
 * @param extent whether something may follow them
 * @param phrases each stands in it somewhere, in one piece
 */
public record Demands(int[] prefix, Extent extent, List<Phrase> phrases) {

  /**
   * A phrase.
   *
   * @param tokens its tokens within a text
   * @param atBeginning its tokens where a text begins with it: a vocabulary may spell words otherwise there, without the space before them
   */
  public record Phrase(int[] tokens, int[] atBeginning) {
    public Phrase {
      if (tokens.length == 0 || atBeginning.length == 0) {
        throw new IllegalArgumentException("A phrase that a translation must hold needs at least one token");
      }
    }
  }

  /** Whether a translation may be longer than its prefix. */
  public enum Extent { OPEN, PREFIX_ALONE }

  public Demands {
    phrases = List.copyOf(phrases);
    if (extent == Extent.PREFIX_ALONE && !phrases.isEmpty()) {
      throw new IllegalArgumentException("A translation that is given as a whole cannot be asked to hold phrases");
    }
  }

  /** No demands. */
  public static Demands none() {
    return new Demands(new int[0], Extent.OPEN, List.of());
  }

  /** It begins with these tokens. */
  public static Demands prefix(int... tokens) {
    return new Demands(tokens, Extent.OPEN, List.of());
  }

  /** It is this, which the search then scores. */
  public static Demands translation(int... tokens) {
    return new Demands(tokens, Extent.PREFIX_ALONE, List.of());
  }

  /** It holds these phrases. */
  public static Demands phrases(List<Phrase> phrases) {
    return new Demands(new int[0], Extent.OPEN, phrases);
  }

  /** The fewest tokens of a translation like that. */
  int leastTokens() {
    return prefix.length + phrases.stream().mapToInt(phrase -> Math.max(phrase.tokens.length, phrase.atBeginning.length)).sum();
  }
}
