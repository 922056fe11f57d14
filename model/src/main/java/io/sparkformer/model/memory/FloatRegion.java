package io.sparkformer.model.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Float32 values in native memory, {@code [length]}: a whole flat array, several joined to one, or a slice that shares their memory.
 *
 * <p>A region keeps the memory alive that it refers to. Reading and writing distinct elements from several threads is safe; everything
 * else needs the callers' own ordering. The memory must be the host's: with an accelerator backend, copy the array to the host first.
 */
public final class FloatRegion {
  /** A direct {@code ByteBuffer} ends at 2 GB, so memory is seen through segments of 1 GiB. */
  private static final int SEGMENT_SHIFT = 28;

  private final Object owner;
  private final ByteBuffer[] bytes;
  private final FloatBuffer[] segments;
  /** The place where each segment begins. */
  private final long[] starts;
  private final long offset;
  private final long length;

  private FloatRegion(Object owner, ByteBuffer[] bytes, FloatBuffer[] segments, long[] starts, long offset, long length) {
    this.owner = owner;
    this.bytes = bytes;
    this.segments = segments;
    this.starts = starts;
    this.offset = offset;
    this.length = length;
  }

  /**
   * The memory of {@code array} itself, not a copy.
   *
   * @param array float32 of any shape, contiguous (a vector, or a view of consecutive elements)
   * @throws IllegalArgumentException when the array is not float32 or its elements are not consecutive in memory
   */
  public static FloatRegion of(INDArray array) {
    if (array.dataType() != DataType.FLOAT) {
      throw new IllegalArgumentException("A flat array must hold float32 values, found " + array.dataType());
    }
    if (array.length() > 1 && array.elementWiseStride() != 1) {
      throw new IllegalArgumentException("A flat array must be contiguous, found shape " + array.shapeInfoToString());
    }
    // A view's buffer begins where its parent's does: data().address() knows nothing of the offset.
    return over(array, array.data().pointer(), array.offset() * Float.BYTES, array.length(), SEGMENT_SHIFT);
  }

  /** New memory of {@code length} floats, all zero. */
  public static FloatRegion allocate(long length) {
    return allocate(length, SEGMENT_SHIFT);
  }

  static FloatRegion allocate(long length, int segmentShift) {
    FloatPointer memory = new FloatPointer(Math.max(1, length));
    Pointer.memset(memory, 0, Math.max(1, length) * Float.BYTES);
    return over(memory, memory, 0, length, segmentShift);
  }

  /** New memory that holds {@code values}. */
  public static FloatRegion copyOf(float... values) {
    FloatRegion region = allocate(values.length);
    region.write(0, values, values.length);
    return region;
  }

  /** Regions one after another as one, sharing their memory; their elements need not follow one another in memory. */
  public static FloatRegion join(FloatRegion... parts) {
    List<FloatRegion> owners = List.of(parts);
    return new FloatRegion(owners, owners.stream().flatMap(part -> part.buffers().stream()).toArray(ByteBuffer[]::new));
  }

  private FloatRegion(Object owner, ByteBuffer[] bytes) {
    this.owner = owner;
    this.bytes = bytes;
    this.segments = new FloatBuffer[bytes.length];
    this.starts = new long[bytes.length];
    this.offset = 0;
    long end = 0;
    for (int i = 0; i < bytes.length; i++) {
      segments[i] = bytes[i].asFloatBuffer();
      starts[i] = end;
      end += segments[i].capacity();
    }
    this.length = end;
  }

  private static FloatRegion over(Object owner, Pointer base, long skippedBytes, long length, int segmentShift) {
    int count = (int) ((length + (1L << segmentShift) - 1) >>> segmentShift);
    ByteBuffer[] bytes = new ByteBuffer[count];
    for (int i = 0; i < count; i++) {
      long first = (long) i << segmentShift;
      long last = Math.min(length, first + (1L << segmentShift));
      // A pointer that begins at the segment: the buffer of one that is merely positioned begins at the base, and ends 2 GB later.
      BytePointer view = new BytePointer(base).getPointer(skippedBytes + first * Float.BYTES);
      bytes[i] = view.capacity((last - first) * Float.BYTES).asByteBuffer().order(ByteOrder.nativeOrder());
    }
    return new FloatRegion(owner, bytes);
  }

  /** Number of floats. */
  public long length() {
    return length;
  }

  /**
   * The elements {@code [from, to)} of this region, sharing its memory.
   *
   * @throws IndexOutOfBoundsException when the range does not lie within this region
   */
  public FloatRegion slice(long from, long to) {
    check(from, to - from);
    return new FloatRegion(owner, bytes, segments, starts, offset + from, to - from);
  }

  /** The elements of {@code range}, sharing this region's memory. */
  public FloatRegion slice(FlatRange range) {
    return slice(range.from(), range.to());
  }

  /** The element at {@code index}; for single values, loops are faster through {@link #read}. */
  public float at(long index) {
    check(index, 1);
    long place = offset + index;
    return segments[segment(place)].get(within(place));
  }

  /** Copies {@code count} elements from {@code from} on to the beginning of {@code into}. */
  public void read(long from, float[] into, int count) {
    check(from, count);
    int done = 0;
    while (done < count) {
      long place = offset + from + done;
      FloatBuffer segment = segments[segment(place)];
      int start = within(place);
      int run = Math.min(count - done, segment.capacity() - start);
      segment.get(start, into, done, run);
      done += run;
    }
  }

  /** Copies the first {@code count} elements of {@code values} to {@code from} and on. */
  public void write(long from, float[] values, int count) {
    check(from, count);
    int done = 0;
    while (done < count) {
      long place = offset + from + done;
      FloatBuffer segment = segments[segment(place)];
      int start = within(place);
      int run = Math.min(count - done, segment.capacity() - start);
      segment.put(start, values, done, run);
      done += run;
    }
  }

  /**
   * Copies all of {@code other} here.
   *
   * @param other a region of the same length that does not overlap this one
   */
  public void copyFrom(FloatRegion other) {
    if (other.length != length) {
      throw new IllegalArgumentException("Cannot copy " + other.length + " floats into a region of " + length);
    }
    long done = 0;
    while (done < length) {
      long here = offset + done;
      long there = other.offset + done;
      FloatBuffer target = segments[segment(here)];
      FloatBuffer source = other.segments[other.segment(there)];
      int to = within(here);
      int from = other.within(there);
      int run = (int) Math.min(length - done, Math.min(target.capacity() - to, source.capacity() - from));
      target.put(to, source, from, run);
      done += run;
    }
  }

  /** All elements, in a Java array. */
  public float[] toArray() {
    float[] values = new float[Math.toIntExact(length)];
    read(0, values, values.length);
    return values;
  }

  /** Views of the memory in native byte order, one after another; one only where a region is not joined and within 1 GiB. */
  public List<ByteBuffer> buffers() {
    List<ByteBuffer> views = new ArrayList<>();
    long done = 0;
    while (done < length) {
      long place = offset + done;
      ByteBuffer segment = bytes[segment(place)];
      int start = within(place);
      int run = (int) Math.min(length - done, segment.capacity() / Float.BYTES - start);
      views.add(segment.slice(start * Float.BYTES, run * Float.BYTES).order(ByteOrder.nativeOrder()));
      done += run;
    }
    return views;
  }

  /**
   * Where elements that follow one another in memory lie: {@code [from, to)} begins at byte {@code at} of a direct buffer.
   *
   * @param bytes in native byte order; its position and limit mean nothing. Does not keep the memory alive: its region does
   */
  public record Window(ByteBuffer bytes, int at) { }

  /** The memory of {@code [from, to)} in place, for loops over it; null when it is not one piece. */
  public Window window(long from, long to) {
    check(from, to - from);
    int segment = segment(offset + from);
    long start = offset + from - starts[segment];
    return start + (to - from) <= segments[segment].capacity() ? new Window(bytes[segment], (int) start * Float.BYTES) : null;
  }

  private int segment(long place) {
    int found = Arrays.binarySearch(starts, place);
    return found >= 0 ? found : -found - 2;
  }

  private int within(long place) {
    return (int) (place - starts[segment(place)]);
  }

  private void check(long from, long count) {
    if (from < 0 || count < 0 || from + count > length) {
      throw new IndexOutOfBoundsException("Elements [" + from + ", " + (from + count) + ") of a region of " + length);
    }
  }
}
