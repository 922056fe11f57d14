package io.sparkformer.jobs.pretrain.worker;

import io.sparkformer.data.shard.Readers;
import io.sparkformer.jobs.transport.Transport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/** Sends what each worker has read of the data to the others, in messages of the transport. */
final class SharedReading implements Readers {
  /** Bytes of one message: with its name below the transport's limit. */
  static final int MESSAGE_BYTES = 1 << 19;

  private final Transport transport;
  private final LongSupplier step;
  private long exchanges;

  /** @param step that the worker is at, the same at all workers at every exchange */
  SharedReading(Transport transport, LongSupplier step) {
    this.transport = transport;
    this.step = step;
  }

  @Override
  public int rank() {
    return transport.rank();
  }

  @Override
  public int count() {
    return transport.workers();
  }

  @Override
  public List<byte[]> exchange(String what, byte[] own) {
    if (count() == 1) {
      return List.of(own);
    }
    // The number keeps apart what the same step exchanges of training and of validation pairs.
    String name = what + ", exchange " + exchanges++;
    List<byte[]> all = new ArrayList<>();
    for (byte[] length : transport.exchange(step.getAsLong(), name, ByteBuffer.allocate(Integer.BYTES).putInt(own.length).array())) {
      all.add(new byte[ByteBuffer.wrap(length).getInt()]);
    }
    int longest = all.stream().mapToInt(bytes -> bytes.length).max().orElse(0);
    for (int from = 0; from < longest; from += MESSAGE_BYTES) {
      byte[] part = Arrays.copyOfRange(own, Math.min(from, own.length), Math.min(from + MESSAGE_BYTES, own.length));
      List<byte[]> parts = transport.exchange(step.getAsLong(), name + " from byte " + from, part);
      for (int rank = 0; rank < count(); rank++) {
        System.arraycopy(parts.get(rank), 0, all.get(rank), Math.min(from, all.get(rank).length), parts.get(rank).length);
      }
    }
    return all;
  }
}
