package io.sparkformer.data.shard;

import java.io.Serializable;

/**
 * How documents are packed into rows.
 *
 * @param tokens how many tokens of a row a network reads; the last row of a shard may have fewer
 * @param endOfDocument id of the token that stands before each document and for nothing else
 */
public record RowFormat(int tokens, int endOfDocument) implements Serializable {

  private static final long serialVersionUID = 1L;

  /**
   * @throws IllegalArgumentException for a row without tokens
   */
  public RowFormat {
    if (tokens < 1 || endOfDocument < 0) {
      throw new IllegalArgumentException("Invalid rows: tokens=" + tokens + " (must be >= 1), endOfDocument=" + endOfDocument
        + " (must be >= 0)");
    }
  }
}
