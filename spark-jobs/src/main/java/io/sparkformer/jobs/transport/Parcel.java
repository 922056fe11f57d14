package io.sparkformer.jobs.transport;

import io.sparkformer.jobs.transport.FrameHeader.Kind;
import io.sparkformer.model.memory.FlatRange;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** A range on its way to one worker, cut into chunks that refer to memory and copy nothing. */
final class Parcel {
  private final Kind kind;
  private final long step;
  private final int chunkBytes;
  private final int elementBytes;
  private final Deque<ByteBuffer> segments;
  private long next;

  /** @param elements {@code [range]}, as they travel, part by part; must not change before all chunks are acknowledged */
  Parcel(Kind kind, long step, FlatRange range, List<ByteBuffer> elements, WirePrecision precision, int chunkBytes) {
    this.kind = kind;
    this.step = step;
    this.chunkBytes = chunkBytes;
    this.elementBytes = precision.bytes();
    this.segments = new ArrayDeque<>(elements);
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
    FlatRange range = new FlatRange(next, next + bytes / elementBytes);
    next = range.to();
    return new Chunk(kind, step, range, view);
  }
}
