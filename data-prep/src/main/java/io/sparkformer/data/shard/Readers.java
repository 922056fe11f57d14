package io.sparkformer.data.shard;

import java.util.List;

/**
 * Those who draw the same batches from the same data at the same time: the workers of a run. Each reads its share of the shards, and
 * gives what it has read to the others, so that together they read the data once.
 */
public interface Readers {

  /** A single reader, which reads everything itself. */
  Readers ALONE = new Readers() {
    @Override
    public int rank() {
      return 0;
    }

    @Override
    public int count() {
      return 1;
    }

    @Override
    public List<byte[]> exchange(String what, byte[] own) {
      return List.of(own);
    }
  };

  /** This reader's number, from 0. */
  int rank();

  /** How many readers there are. */
  int count();

  /**
   * Gives bytes to all readers and waits for theirs; all readers exchange the same things in the same order.
   *
   * @param what is exchanged, for messages
   * @return what each reader gave, in rank order, this one's included
   */
  List<byte[]> exchange(String what, byte[] own);
}
