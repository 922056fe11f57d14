package io.sparkformer.jobs.transport;

import io.sparkformer.model.memory.FloatRegion;

/** What all workers pushed for one range, ready to be summed. Closing releases the memory to the workers that pushed it. */
public interface Contributions extends AutoCloseable {

  /** The contribution of a rank, {@code [range]}; only to be read, and not after closing. */
  FloatRegion of(int rank);

  @Override
  void close();
}
