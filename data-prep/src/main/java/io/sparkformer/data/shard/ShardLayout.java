package io.sparkformer.data.shard;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;

import java.io.Serializable;
import org.apache.spark.sql.Column;

/**
 * What the shards of a folder hold, and how large they are.
 *
 * @param kind of the examples
 * @param shardSize where a shard ends: a number of pairs, or of tokens of documents, end-of-document tokens included. The last shard may
 *     be smaller; a shard of documents may be larger, by less than its last document
 * @param rows how documents are packed; null for pairs
 */
public record ShardLayout(ExampleKind kind, long shardSize, RowFormat rows) implements Serializable {

  private static final long serialVersionUID = 1L;

  /**
   * @throws IllegalArgumentException if the size is not positive
   */
  public ShardLayout {
    if (shardSize <= 0) {
      throw new IllegalArgumentException("Invalid size of a shard: " + shardSize + " (must be > 0)");
    }
  }

  /** Shards of so many sentence pairs. */
  public static ShardLayout ofPairs(long shardPairs) {
    return new ShardLayout(ExampleKind.SENTENCE_PAIRS, shardPairs, null);
  }

  /** Shards of documents with so many tokens, packed into rows. */
  public static ShardLayout ofRows(RowFormat rows, long shardTokens) {
    return new ShardLayout(ExampleKind.TOKEN_ROWS, shardTokens, rows);
  }

  /** Shards of so many labelled texts. */
  public static ShardLayout ofTexts(long shardTexts) {
    return new ShardLayout(ExampleKind.LABELLED_TEXTS, shardTexts, null);
  }

  /** How much of {@code shardSize} a row of the table of encoded text takes. */
  Column weight() {
    return kind != ExampleKind.TOKEN_ROWS ? lit(1L) : size(col(kind.columns().get(0))).plus(lit(1)).cast("bigint");
  }
}
