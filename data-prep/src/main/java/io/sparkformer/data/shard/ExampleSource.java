package io.sparkformer.data.shard;

import java.io.IOException;

/** The examples of one shard, in order. */
interface ExampleSource extends AutoCloseable {

  /**
   * Passes over examples; at most as many as there are.
   */
  void skip(long examples) throws IOException;

  /**
   * The next example; {@code null} at the end of the shard.
   */
  Example next() throws IOException;

  @Override
  void close() throws IOException;
}
