package io.sparkformer.data.shard;

import java.io.Serializable;

/**
 * How documents are packed into rows.
 *
 * @param tokens of a row that a network reads; the last row of a shard may have fewer
 * @param endOfDocument id of the token between documents, which nothing else has
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
