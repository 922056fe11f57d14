package io.sparkformer.jobs.transport;

import io.sparkformer.jobs.transport.FrameHeader.Kind;
import io.sparkformer.model.memory.FlatRange;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** A range to be sent to one worker, divided into chunks that refer to its memory without copying. */
final class Parcel {
  private final Kind kind;
  private final long step;
  private final int chunkBytes;
  private final int elementBytes;
  private final Deque<ByteBuffer> segments;
  private long next;

  /**
   * @param elements {@code [range]}, in the format in which they are sent, part by part; must not change before all chunks are acknowledged
   */
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

  /** A part that is sent in one frame. */
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
