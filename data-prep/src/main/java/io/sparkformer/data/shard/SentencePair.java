package io.sparkformer.data.shard;

import java.util.Arrays;
import java.util.Objects;

/**
 * One sentence and its translation as token ids, without begin and end tokens. The arrays are not copied: do not change them.
 *
 * @param source [source tokens] ids
 * @param target [target tokens] ids
 */
public record SentencePair(int[] source, int[] target) implements Example {

  private static final long serialVersionUID = 1L;

  /**
   * @throws NullPointerException if a side is null
   */
  public SentencePair {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(target, "target");
  }

  @Override
  public ExampleKind kind() {
    return ExampleKind.SENTENCE_PAIRS;
  }

  @Override
  public int[][] ids() {
    return new int[][] {source, target};
  }

  /**
   * Tokens of the source as the network sees it: with the end token.
   */
  public int sourceLength() {
    return source.length + 1;
  }

  /**
   * Tokens of the target as the network sees it: with the begin token (input) or the end token (output).
   */
  public int targetLength() {
    return target.length + 1;
  }

  /** Equal ids on both sides. */
  @Override
  public boolean equals(Object other) {
    return other instanceof SentencePair pair && Arrays.equals(source, pair.source) && Arrays.equals(target, pair.target);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(source) + Arrays.hashCode(target);
  }

  @Override
  public String toString() {
    return Arrays.toString(source) + " -> " + Arrays.toString(target);
  }
}
