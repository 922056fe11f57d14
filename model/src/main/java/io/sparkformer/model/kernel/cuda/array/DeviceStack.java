package io.sparkformer.model.kernel.cuda.array;

import io.sparkformer.model.kernel.Memory;
import io.sparkformer.model.kernel.cuda.driver.DeviceHeap;
import io.sparkformer.model.kernel.cuda.driver.Queue;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A stack of arrays in a device's memory, in chunks that grow. All work on it is in one queue: what is given back may be taken again at
 * once, since work on it comes after all work on what it was before. A mark is a height in bytes.
 */
public final class DeviceStack implements Memory {
  private static final long ALIGNMENT_BYTES = 256;
  private static final long FIRST_CHUNK_BYTES = 1 << 20;
  private static final long LARGEST_STEP_BYTES = 1 << 28;

  /** What becomes of memory that is given back. */
  public enum Released {
    LEFT,
    /** Every byte is set, so that floats are NaN: for tests. */
    OVERWRITTEN
  }

  private final DeviceHeap heap;
  private final Queue queue;
  private final BiConsumer<DeviceArray, INDArray> sum;
  private final Released released;
  private final List<Chunk> chunks = new ArrayList<>();
  private long height;
  private long peak;

  /** @param base height of its first byte */
  private record Chunk(long address, long bytes, long base) {
    long end() {
      return base + bytes;
    }
  }

  /** @param sum how arrays are added */
  public DeviceStack(DeviceHeap heap, Queue queue, BiConsumer<DeviceArray, INDArray> sum, Released released) {
    this.heap = heap;
    this.queue = queue;
    this.sum = sum;
    this.released = released;
  }

  @Override
  public DeviceArray array(DataType type, long... shape) {
    if (type != DataType.FLOAT) {
      throw new IllegalArgumentException("The CUDA kernels compute on float32 arrays, found %s; use the portable kernels".formatted(type));
    }
    long length = 1;
    for (long size : shape) {
      length = Math.multiplyExact(length, size);
    }
    return DeviceArray.of(take(Float.BYTES * length), sum, shape);
  }

  /** Takes bytes, and returns their address. */
  public long take(long bytes) {
    long size = Math.max(1, (bytes + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    Chunk chunk = chunkOf(height);
    if (chunk == null || height + size > chunk.end()) {
      chunk = chunkBehind(chunk, size);
      height = chunk.base();
    }
    long address = chunk.address() + height - chunk.base();
    height += size;
    peak = Math.max(peak, height);
    return address;
  }

  /** The chunk in which a height lies; the lower one where two meet; null if there is none. */
  private Chunk chunkOf(long at) {
    for (Chunk chunk : chunks) {
      if (at <= chunk.end()) {
        return chunk;
      }
    }
    return null;
  }

  /** The next chunk, large enough; chunks behind that are too small are given back. */
  private Chunk chunkBehind(Chunk chunk, long size) {
    int next = chunk == null ? 0 : chunks.indexOf(chunk) + 1;
    if (next < chunks.size() && chunks.get(next).bytes() >= size) {
      return chunks.get(next);
    }
    while (chunks.size() > next) {
      heap.give(chunks.remove(chunks.size() - 1).address());
    }
    long base = chunk == null ? 0 : chunk.end();
    long bytes = Math.max(size, Math.max(FIRST_CHUNK_BYTES, Math.min(base, LARGEST_STEP_BYTES)));
    chunks.add(new Chunk(heap.take(bytes), bytes, base));
    return chunks.get(next);
  }

  @Override
  public long mark() {
    return height;
  }

  @Override
  public void release(long mark) {
    if (mark < 0 || mark > height) {
      throw new IllegalArgumentException("Mark %d is not below the height %d of the stack".formatted(mark, height));
    }
    if (released == Released.OVERWRITTEN) {
      for (Chunk chunk : chunks) {
        long from = Math.max(mark, chunk.base());
        long to = Math.min(height, chunk.end());
        if (from < to) {
          queue.fill(chunk.address() + from - chunk.base(), (byte) -1, to - from);
        }
      }
    }
    height = mark;
  }

  @Override
  public long used() {
    return height;
  }

  @Override
  public long peak() {
    return peak;
  }

  @Override
  public void resetPeak() {
    peak = height;
  }
}
