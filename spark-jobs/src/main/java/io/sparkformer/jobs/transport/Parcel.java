package io.sparkformer.jobs.transport;

import io.sparkformer.jobs.transport.FrameHeader.Kind;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** A range on its way to one worker, cut into chunks that refer to the flat array's own memory. */
final class Parcel {
  private final Kind kind;
  private final long step;
  private final int chunkBytes;
  private final Deque<ByteBuffer> segments;
  private long next;

  /** @param values {@code [range]}; must not change before all chunks are acknowledged */
  Parcel(Kind kind, long step, FlatRange range, FloatRegion values, int chunkBytes) {
    this.kind = kind;
    this.step = step;
    this.chunkBytes = chunkBytes;
    this.segments = new ArrayDeque<>(values.buffers());
    this.next = range.from();
  }

  Kind kind() {
    return kind;
  }

  long step() {
    return step;
  }

  boolean hasNext() {
    return !segments.isEmpty();
  }

  /** A part that travels in one frame. */
  record Chunk(Kind kind, long step, FlatRange range, ByteBuffer bytes) { }

  Chunk next() {
    ByteBuffer segment = segments.peek();
    int bytes = Math.min(chunkBytes, segment.remaining());
    ByteBuffer view = segment.slice(segment.position(), bytes);
    segment.position(segment.position() + bytes);
    if (!segment.hasRemaining()) {
      segments.remove();
    }
    FlatRange range = new FlatRange(next, next + bytes / Float.BYTES);
    next = range.to();
    return new Chunk(kind, step, range, view);
  }
}
