package io.sparkformer.data.shard;

import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;

import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Types;

/**
 * The columns of a shard file.
 */
final class ShardSchema {

  /** Parquet's names inside a list column. */
  static final String LIST = "list";
  static final String ELEMENT = "element";

  /** Examples in one row group: what a reader decodes at once, and skips at once. */
  static final int ROW_GROUP_EXAMPLES = 8192;

  private ShardSchema() {
  }

  static MessageType of(ExampleKind kind) {
    Types.MessageTypeBuilder message = Types.buildMessage();
    kind.columns().forEach(column -> message.requiredList().requiredElement(INT32).named(column));
    return message.named(kind.record());
  }
}
