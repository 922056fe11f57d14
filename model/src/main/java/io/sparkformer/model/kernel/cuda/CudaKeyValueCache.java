package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.KeyValueCache;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.cuda.driver.DeviceHeap;
import io.sparkformer.model.kernel.cuda.product.DeviceMatrix;
import java.lang.ref.Cleaner;
import java.util.Arrays;

/** Keys and values on the device: every row has room for as many tokens, {@code [rows * capacity, 2 * key_value_width]}. */
final class CudaKeyValueCache implements KeyValueCache {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final int FIRST_CAPACITY = 16;

  private final CudaEngine engine;
  /** Elements of a token. */
  private final int width;
  private int[] lengths;
  private int capacity;
  private Buffer buffer;
  private final Owned owned;

  /** Memory of the heap. */
  private record Buffer(DeviceHeap heap, long address) {}

  /** What is given back when nobody has the cache any more. */
  private static final class Owned implements Runnable {
    private Buffer buffer;

    @Override
    public void run() {
      replace(null);
    }

    private void replace(Buffer by) {
      if (buffer != null) {
        buffer.heap().give(buffer.address());
      }
      buffer = by;
    }
  }

  CudaKeyValueCache(CudaEngine engine, int rows, int width) {
    this.engine = engine;
    this.width = width;
    this.lengths = new int[rows];
    this.owned = new Owned();
    CLEANER.register(this, owned);
  }

  /** Tokens of every row. */
  int[] lengths() {
    return lengths.clone();
  }

  DeviceMatrix rows() {
    return DeviceMatrix.of(buffer.address(), (long) lengths.length * capacity, width);
  }

  /** Where queries see the tokens of each row. */
  AttentionHeads.Sequences sequences(Segments queries, int[] firstPositions) {
    int[] numbers = AttentionHeads.Sequences.of(queries, queries).numbers();
    for (int row = 0; row < lengths.length; row++) {
      AttentionHeads.Sequences.put(numbers, row, queries.start(row), queries.length(row), row * capacity, lengths[row],
          firstPositions[row]);
    }
    return new AttentionHeads.Sequences(numbers);
  }

  /** Puts tokens behind those of each row. */
  void append(Call call, DeviceMatrix tokens, Segments segments) {
    if (segments.sentences() != lengths.length) {
      throw new IllegalArgumentException("The cache has %d rows, tokens are of %d".formatted(lengths.length, segments.sentences()));
    }
    int longest = 0;
    for (int row = 0; row < lengths.length; row++) {
      longest = Math.max(longest, lengths[row] + segments.length(row));
    }
    if (buffer == null || longest > capacity) {
      int[] all = new int[lengths.length];
      Arrays.setAll(all, i -> i);
      move(all, Math.max(FIRST_CAPACITY, Integer.highestOneBit(Math.max(1, longest - 1)) * 2));
    }
    int[] from = new int[segments.tokens()];
    int[] to = new int[segments.tokens()];
    for (int row = 0; row < lengths.length; row++) {
      for (int i = 0; i < segments.length(row); i++) {
        from[segments.start(row) + i] = segments.start(row) + i;
        to[segments.start(row) + i] = row * capacity + lengths[row] + i;
      }
      lengths[row] += segments.length(row);
    }
    move(call, tokens.address(), from, tokens.stride(), buffer.address(), to);
  }

  @Override
  public void close() {
    owned.run();
    buffer = null;
  }

  @Override
  public void select(int[] parents) {
    if (buffer != null && !isSame(parents)) {
      move(parents, capacity);
    } else {
      lengths = Arrays.stream(parents).map(parent -> lengths[parent]).toArray();
    }
  }

  private boolean isSame(int[] parents) {
    for (int i = 0; i < parents.length; i++) {
      if (parents[i] != i) {
        return false;
      }
    }
    return parents.length == lengths.length;
  }

  /** Copies rows to new memory. */
  private void move(int[] parents, int newCapacity) {
    int[] kept = Arrays.stream(parents).map(parent -> lengths[parent]).toArray();
    Buffer moved = new Buffer(engine.heap(), engine.heap().take((long) Float.BYTES * Math.max(1, parents.length) * newCapacity * width));
    int tokens = Arrays.stream(kept).sum();
    if (tokens > 0) {
      int[] from = new int[tokens];
      int[] to = new int[tokens];
      int at = 0;
      for (int row = 0; row < parents.length; row++) {
        for (int i = 0; i < kept[row]; i++) {
          from[at] = parents[row] * capacity + i;
          to[at++] = row * newCapacity + i;
        }
      }
      try (Call call = Call.of(engine)) {
        move(call, buffer.address(), from, width, moved.address(), to);
      }
    }
    owned.replace(moved);
    buffer = moved;
    capacity = newCapacity;
    lengths = kept;
  }

  private void move(Call call, long source, int[] from, long fromStride, long target, int[] to) {
    engine.forRows(engine.kernel("rows", "move_rows"), from.length, width, 0, source, call.upload(from), fromStride, target,
        call.upload(to), (long) width, width);
  }
}
