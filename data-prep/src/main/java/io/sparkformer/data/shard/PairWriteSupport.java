package io.sparkformer.data.shard;

import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.RecordConsumer;

/**
 * How a pair becomes a Parquet record.
 */
final class PairWriteSupport extends WriteSupport<SentencePair> {

  private RecordConsumer consumer;

  @Override
  public WriteContext init(Configuration configuration) {
    return new WriteContext(ShardSchema.MESSAGE, Map.of());
  }

  @Override
  public void prepareForWrite(RecordConsumer recordConsumer) {
    this.consumer = recordConsumer;
  }

  @Override
  public void write(SentencePair pair) {
    consumer.startMessage();
    writeList(ShardSchema.SOURCE, 0, pair.source());
    writeList(ShardSchema.TARGET, 1, pair.target());
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
