package io.sparkformer.data.shard;

import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;

import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Types;

/**
 * The columns of a shard file.
 */
final class ShardSchema {

  static final String SOURCE = "source";
  static final String TARGET = "target";

  /** Parquet's names inside a list column. */
  static final String LIST = "list";
  static final String ELEMENT = "element";

  /** Pairs in one row group: what a reader decodes at once, and skips at once. */
  static final int ROW_GROUP_PAIRS = 8192;

  static final MessageType MESSAGE = Types.buildMessage()
    .requiredList().requiredElement(INT32).named(SOURCE)
    .requiredList().requiredElement(INT32).named(TARGET)
    .named("sentence_pair");

  private ShardSchema() {
  }
}
