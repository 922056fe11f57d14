package io.sparkformer.data.shard;

import java.io.Serializable;

/**
 * One training example: lists of token ids, one for each column of its shard. The arrays are not copied: do not change them.
 */
public sealed interface Example extends Serializable permits LabelledText, SentencePair, TokenRow {

  /** What kind of example this is. */
  ExampleKind kind();

  /** [columns][ids of the column]: what the shard stores, in the order of {@link ExampleKind#columns()}. */
  int[][] ids();

  /**
   * Tokens of a column as the network sees them, with begin and end tokens.
   */
  default int tokens(int column) {
    return kind().tokens(ids()[column].length);
  }

  /**
   * The largest {@link #tokens} of all columns.
   */
  default int length() {
    int length = 0;
    for (int column = 0; column < ids().length; column++) {
      length = Math.max(length, tokens(column));
    }
    return length;
  }
}
