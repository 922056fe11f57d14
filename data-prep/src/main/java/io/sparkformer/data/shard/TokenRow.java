package io.sparkformer.data.shard;

import java.util.Arrays;
import java.util.Objects;

/**
 * A row of running text: tokens of documents one after another, an end-of-document token before each document. The last id is also the
 * first of the next row: a network reads all ids but the last, and predicts all but the first. The array is not copied: do not change it.
 *
 * @param tokens [tokens of the row + 1] ids, at least two
 */
public record TokenRow(int[] tokens) implements Example {

  private static final long serialVersionUID = 1L;

  /**
   * @throws IllegalArgumentException for fewer than two ids
   */
  public TokenRow {
    Objects.requireNonNull(tokens, "tokens");
    if (tokens.length < 2) {
      throw new IllegalArgumentException("A row has at least two ids: " + Arrays.toString(tokens));
    }
  }

  @Override
  public ExampleKind kind() {
    return ExampleKind.TOKEN_ROWS;
  }

  @Override
  public int[][] ids() {
    return new int[][] {tokens};
  }

  /** Equal ids. */
  @Override
  public boolean equals(Object other) {
    return other instanceof TokenRow row && Arrays.equals(tokens, row.tokens);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(tokens);
  }

  @Override
  public String toString() {
    return Arrays.toString(tokens);
  }
}
