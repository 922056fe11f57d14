package io.sparkformer.jobs.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.AttributeKey;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.Map;

/**
 * Reads the elements of a flat array from the socket directly into the array. Where another handler processes the bytes first, a cipher for
 * instance, and for everything else, bytes go through buffers as usual.
 */
final class DirectReads implements RecvByteBufAllocator {
  private static final AttributeKey<DirectReads> KEY = AttributeKey.valueOf(DirectReads.class, "reads");
  /** Bytes read at a time elsewhere: large enough that system calls cost little, small enough for the cache. */
  private static final int LEAST_READ_BYTES = 64 << 10;
  private static final int MOST_READ_BYTES = 256 << 10;
  private static final int READS_IN_A_ROW = 16;

  private final RecvByteBufAllocator usual = new AdaptiveRecvByteBufAllocator(LEAST_READ_BYTES, LEAST_READ_BYTES,
      MOST_READ_BYTES).maxMessagesPerRead(READS_IN_A_ROW);
  private final Channel channel;
  private final ChannelHandler guard;
  private ChunkSink sink;

  private DirectReads(Channel channel, ChannelHandler guard) {
    this.channel = channel;
    this.guard = guard;
  }

  /** @param guard of the connection's frames: if no other inbound handler precedes it, it receives the bytes of the socket */
  static void install(Channel channel, ChannelHandler guard) {
    DirectReads reads = new DirectReads(channel, guard);
    channel.attr(KEY).set(reads);
    channel.config().setRecvByteBufAllocator(reads);
  }

  /** Sends the next bytes of a connection to this sink, until it is complete. */
  static void into(Channel channel, ChunkSink sink) {
    DirectReads reads = channel.attr(KEY).get();
    reads.sink = reads.comesFromSocket() ? sink : null;
  }

  private boolean comesFromSocket() {
    for (Map.Entry<String, ChannelHandler> handler : channel.pipeline()) {
      if (handler.getValue() == guard) {
        return true;
      }
      if (handler.getValue() instanceof ChannelInboundHandler) {
        return false;
      }
    }
    return false;
  }

  @Override
  public RecvByteBufAllocator.Handle newHandle() {
    return new Reads((ExtendedHandle) usual.newHandle());
  }

  private final class Reads extends DelegatingHandle implements ExtendedHandle {
    private final ExtendedHandle handle;

    Reads(ExtendedHandle handle) {
      super(handle);
      this.handle = handle;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      if (sink == null || !sink.lends()) {
        return handle.allocate(allocator);
      }
      ByteBuf target = Unpooled.wrappedBuffer(sink.lend()).clear();
      handle.attemptedBytesRead(target.writableBytes());
      return target;
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
      return handle.continueReading(maybeMore);
    }
  }
}
