package io.sparkformer.data.shard;

import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.RecordConsumer;

/**
 * Writes an example as a Parquet record.
 */
final class ExampleWriteSupport extends WriteSupport<Example> {

  private final ExampleKind kind;
  private RecordConsumer consumer;

  ExampleWriteSupport(ExampleKind kind) {
    this.kind = kind;
  }

  @Override
  public WriteContext init(Configuration configuration) {
    return new WriteContext(ShardSchema.of(kind), Map.of());
  }

  @Override
  public void prepareForWrite(RecordConsumer recordConsumer) {
    this.consumer = recordConsumer;
  }

  @Override
  public void write(Example example) {
    consumer.startMessage();
    int[][] ids = example.ids();
    for (int column = 0; column < ids.length; column++) {
      writeList(kind.columns().get(column), column, ids[column]);
    }
    consumer.endMessage();
  }

  private void writeList(String column, int index, int[] ids) {
    consumer.startField(column, index);
    consumer.startGroup();
    if (ids.length > 0) {
      consumer.startField(ShardSchema.LIST, 0);
      for (int id : ids) {
        consumer.startGroup();
        consumer.startField(ShardSchema.ELEMENT, 0);
        consumer.addInteger(id);
        consumer.endField(ShardSchema.ELEMENT, 0);
        consumer.endGroup();
      }
      consumer.endField(ShardSchema.LIST, 0);
    }
    consumer.endGroup();
    consumer.endField(column, index);
  }
}
