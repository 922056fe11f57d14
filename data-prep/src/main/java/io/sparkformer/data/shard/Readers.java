package io.sparkformer.data.shard;

import java.util.List;

/**
 * The readers of one sequence of batches: the workers of a run, which all need the same batches at the same time. Each reads its share of
 * the shards and sends the examples to the others, so that together they read the data once.
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
   * Sends bytes to all readers and waits for theirs. All readers must make the same exchanges in the same order.
   *
   * @param what name of what is exchanged, for messages
   * @return what each reader sent, in rank order, this one's included
   */
  List<byte[]> exchange(String what, byte[] own);
}
