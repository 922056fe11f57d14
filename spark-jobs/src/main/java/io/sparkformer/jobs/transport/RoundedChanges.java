package io.sparkformer.jobs.transport;

import io.sparkformer.model.kernel.cpu.rows.Bfloat16Rows;
import io.sparkformer.model.memory.FloatRegion;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What an owner publishes when bfloat16 is sent: the changes of its parameters, rounded, {@code [slice]}. The owner adds the rounded
 * changes to its own parameters too, so all workers keep the same float32 parameters.
 */
public final class RoundedChanges {
  private final long length;
  /** Keeps the memory of the segments reachable. */
  private final FloatRegion memory;
  private final ByteBuffer[] segments;
  /** Elements of every segment but the last. */
  private final long segmentLength;

  /** All of them zero, in two bytes of memory each. */
  public RoundedChanges(long length) {
    this.length = length;
    this.memory = FloatRegion.allocate((length + 1) / 2);
    this.segments = memory.buffers().toArray(ByteBuffer[]::new);
    this.segmentLength = segments.length == 0 ? 1 : segments[0].capacity() / Bfloat16Rows.BYTES;
  }

  long length() {
    return length;
  }

  /**
   * Stores the changes of some parameters, rounded, and sets the parameters to the values that the other workers will have; several threads
   * may call this for distinct elements.
   *
   * @param from place of the first element within the slice
   * @param before the first {@code count} are the parameters that were
   * @param after the first {@code count} are the updated ones; afterwards {@code before} plus the rounded changes
   */
  public void round(long from, float[] before, float[] after, int count) {
    if (from < 0 || from + count > length || segment(from) != segment(from + count - 1)) {
      throw new IndexOutOfBoundsException("Elements [" + from + ", " + (from + count) + ") of " + length + " changes");
    }
    Bfloat16Rows.roundChange(before, after, segments[segment(from)], (int) (from % segmentLength), count);
  }

  /** The memory of the changes {@code [from, to)}, part by part. */
  List<ByteBuffer> buffers(long from, long to) {
    List<ByteBuffer> parts = new ArrayList<>();
    long at = from;
    while (at < to) {
      long end = Math.min(to, (segment(at) + 1) * segmentLength);
      parts.add(segments[segment(at)].slice((int) (at % segmentLength) * Bfloat16Rows.BYTES, (int) (end - at) * Bfloat16Rows.BYTES));
      at = end;
    }
    return parts;
  }

  private int segment(long element) {
    return (int) (element / segmentLength);
  }
}
