package io.sparkformer.model.kernel.cpu.memory;

import io.sparkformer.model.kernel.Memory;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The stack of a graph's passes in native memory. It lies in chunks; when it is empty and more than one chunk was needed, one chunk of the
 * size that was needed replaces them, so that after the first steps nothing is allocated any more.
 */
public final class HostMemory implements Memory {
  /** Floats of the smallest chunk. */
  private static final int SMALLEST_CHUNK = 1 << 18;
  /** A new chunk is at least this share of what is taken: few chunks, and little that is never used. */
  private static final int CHUNK_SHARE = 8;
  /** A byte buffer ends at 2 GB. */
  private static final long LARGEST_CHUNK = (Integer.MAX_VALUE - (1 << 10)) / Float.BYTES;
  /** Floats of a cache line: every array begins at one. */
  private static final int LINE = 16;

  /** A piece of the stack; {@code start} is the height at which it begins, {@code used} counts its floats that are taken. */
  private static final class Chunk {
    private final Floats memory;
    private long used;

    Chunk(Floats memory) {
      this.memory = memory;
    }
  }

  private final List<Chunk> chunks = new ArrayList<>();
  /** Index of the chunk on top. */
  private int top;
  private long used;
  private long peak;
  /** The greatest height ever. */
  private long highest;

  /** {@code length} floats with unspecified content. */
  public Floats floats(long length) {
    long padded = (Math.max(1, length) + LINE - 1) / LINE * LINE;
    while (top < chunks.size() && chunks.get(top).used + padded > chunks.get(top).memory.length()) {
      top++;
      if (top < chunks.size()) {
        chunks.get(top).used = 0;
      }
    }
    if (top == chunks.size()) {
      long share = Math.min(LARGEST_CHUNK, Math.max(SMALLEST_CHUNK, used / CHUNK_SHARE));
      chunks.add(new Chunk(Floats.allocate(Math.max(padded, share))));
    }
    Chunk chunk = chunks.get(top);
    Floats taken = chunk.memory.slice(chunk.used, length);
    chunk.used += padded;
    used += padded;
    peak = Math.max(peak, used);
    highest = Math.max(highest, used);
    return taken;
  }

  /** A matrix with unspecified content. */
  public Matrix matrix(int rows, int columns) {
    return new Matrix(floats((long) rows * columns), 0, rows, columns, columns);
  }

  @Override
  public INDArray array(DataType type, long... shape) {
    if (type != DataType.FLOAT) {
      throw new IllegalArgumentException("The CPU kernels compute on float32 arrays, found %s; use the portable kernels".formatted(type));
    }
    long length = 1;
    for (long size : shape) {
      length = Math.multiplyExact(length, size);
    }
    return floats(length).array(shape);
  }

  @Override
  public long mark() {
    return used;
  }

  @Override
  public void release(long mark) {
    if (mark < 0 || mark > used) {
      throw new IllegalArgumentException("Mark %d is not below the height %d of the stack".formatted(mark, used));
    }
    while (used > mark) {
      Chunk chunk = chunks.get(top);
      long here = Math.min(chunk.used, used - mark);
      chunk.used -= here;
      used -= here;
      if (used > mark) {
        top--;
      }
    }
    if (used == 0 && chunks.size() > 1) {
      join();
    }
  }

  /** One chunk in place of several. */
  private void join() {
    top = 0;
    if (highest <= LARGEST_CHUNK) {
      chunks.forEach(chunk -> chunk.memory.free());
      chunks.clear();
      chunks.add(new Chunk(Floats.allocate(highest)));
    }
  }

  @Override
  public long used() {
    return used * Float.BYTES;
  }

  @Override
  public long peak() {
    return peak * Float.BYTES;
  }

  @Override
  public void resetPeak() {
    peak = used;
  }
}
