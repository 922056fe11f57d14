package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.KeyValueCache;
import io.sparkformer.model.kernel.Segments;
import java.util.Arrays;

/**
 * Keys and values row by row, so that selecting rows moves references. A row that several rows continue is copied when one of them
 * appends to it; rows of a cache that does not grow are never copied.
 */
final class CpuKeyValueCache implements KeyValueCache {
  private final int heads;
  private final int width;
  private Row[] rows;

  private CpuKeyValueCache(int heads, int width, Row[] rows) {
    this.heads = heads;
    this.width = width;
    this.rows = rows;
  }

  /** An empty cache that {@link #append} fills. */
  static CpuKeyValueCache growing(int rows, int heads, int width) {
    Row[] empty = new Row[rows];
    Arrays.setAll(empty, i -> new Row(heads, width));
    return new CpuKeyValueCache(heads, width, empty);
  }

  /** A cache of the keys and values {@code [tokens, d_model]} of whole sentences, one in each row. */
  static CpuKeyValueCache of(Matrix keys, Matrix values, Segments segments, int heads) {
    int width = keys.columns() / heads;
    Row[] full = new Row[segments.sentences()];
    for (int s = 0; s < full.length; s++) {
      full[s] = new Row(heads, width);
      full[s].reserve(segments.length(s));
      for (int i = 0; i < segments.length(s); i++) {
        full[s].append(keys, values, segments.start(s) + i);
      }
    }
    return new CpuKeyValueCache(heads, width, full);
  }

  /** Appends row {@code i} of {@code keys} and {@code values [rows, d_model]} to row {@code i} of the cache. */
  void append(Matrix keys, Matrix values) {
    for (int i = 0; i < rows.length; i++) {
      if (rows[i].shared) {
        rows[i] = rows[i].copy();
      }
      rows[i].append(keys, values, i);
    }
  }

  /** Attends with row {@code i} of {@code q [rows, d_model]} to row {@code i} of the cache. */
  void attend(int i, Matrix q, Matrix context) {
    Row row = rows[i];
    int padded = Lanes.padded(width);
    HeadMemory memory = HeadMemory.ofThread().reserve(1, row.length, width, 1);
    int used = Lanes.padded(row.length);
    float scale = (float) (1 / Math.sqrt(width));
    for (int head = 0; head < heads; head++) {
      Matrix query = q.rows(i, i + 1).columns(head * width, (head + 1) * width);
      new HeadRows(query, width).load(memory.query, memory.stride);
      SmallProduct.multiply(1, used, width, memory.query, 0, memory.stride, 1, row.keys[head], 0, row.capacity, memory.scores, 0,
          used);
      SoftmaxRows.softmax(memory.scores, 0, row.length, used, scale, memory.lanes);
      SmallProduct.multiply(1, padded, row.length, memory.scores, 0, used, 1, row.values[head], 0, padded, memory.context, 0,
          memory.stride);
      new HeadRows(context.rows(i, i + 1).columns(head * width, (head + 1) * width), width).store(memory.context, memory.stride);
    }
  }

  @Override
  public void select(int[] parents) {
    Row[] selected = new Row[parents.length];
    boolean[] taken = new boolean[rows.length];
    for (int i = 0; i < parents.length; i++) {
      Row row = rows[parents[i]];
      row.shared |= taken[parents[i]];
      taken[parents[i]] = true;
      selected[i] = row;
    }
    rows = selected;
  }

  /** What one hypothesis has seen. */
  private static final class Row {
    private static final int FIRST_CAPACITY = 32;

    private final int width;
    /** Of each head, transposed: {@code [head_width, capacity]}. */
    private float[][] keys;
    /** Of each head: {@code [capacity, padded(head_width)]}. */
    private float[][] values;
    private int capacity;
    private int length;
    /** Whether several rows refer to this one, or once did. */
    private boolean shared;

    Row(int heads, int width) {
      this.width = width;
      this.keys = new float[heads][0];
      this.values = new float[heads][0];
    }

    /** A row of its own with the same content. */
    Row copy() {
      Row copy = new Row(keys.length, width);
      copy.capacity = capacity;
      copy.length = length;
      for (int head = 0; head < keys.length; head++) {
        copy.keys[head] = keys[head].clone();
        copy.values[head] = values[head].clone();
      }
      return copy;
    }

    void append(Matrix newKeys, Matrix newValues, int i) {
      if (length == capacity) {
        reserve(Math.max(FIRST_CAPACITY, 2 * capacity));
      }
      int padded = Lanes.padded(width);
      for (int head = 0; head < keys.length; head++) {
        for (int c = 0; c < width; c++) {
          keys[head][c * capacity + length] = Lanes.at(newKeys.bytes(), newKeys.place(i, head * width + c));
        }
        HeadRows.load(newValues.bytes(), newValues.place(i, head * width), width, values[head], length * padded);
      }
      length++;
    }

    void reserve(int positions) {
      int larger = Lanes.padded(Math.max(1, positions));
      int padded = Lanes.padded(width);
      for (int head = 0; head < keys.length; head++) {
        float[] moved = new float[width * larger];
        for (int c = 0; c < width; c++) {
          System.arraycopy(keys[head], c * capacity, moved, c * larger, length);
        }
        keys[head] = moved;
        values[head] = Arrays.copyOf(values[head], larger * padded);
      }
      capacity = larger;
    }
  }
}
