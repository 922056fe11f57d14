package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.kernel.KeyValueCache;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.rows.Lanes;
import java.util.Arrays;

/**
 * Keys and values row by row, so that selecting rows moves references. A row that several rows continue is copied when one of them
 * appends to it; rows of a cache that does not grow are never copied. Keys that a sliding window has passed are forgotten when a row's
 * memory is full.
 */
final class CpuKeyValueCache implements KeyValueCache {
  private final AttentionConfig config;
  private Row[] rows;

  /** A cache of empty rows. */
  CpuKeyValueCache(int rows, AttentionConfig config) {
    this.config = config;
    this.rows = new Row[rows];
    Arrays.setAll(this.rows, i -> new Row(config));
  }

  /**
   * Appends the tokens of sentence {@code i} to row {@code i} of the cache.
   *
   * @param keys {@code [tokens, key_value_heads * head_width]}
   * @param values like {@code keys}
   */
  void append(Matrix keys, Matrix values, Segments segments) {
    check(segments);
    for (int i = 0; i < rows.length; i++) {
      if (rows[i].shared && segments.length(i) > 0) {
        rows[i] = rows[i].copy();
      }
      rows[i].append(keys, values, segments.start(i), segments.start(i + 1));
    }
  }

  private void check(Segments segments) {
    if (segments.sentences() != rows.length) {
      throw new IllegalArgumentException("A cache of %d rows needs the next tokens of as many, found %d"
          .formatted(rows.length, segments.sentences()));
    }
  }

  /** The positions that the next tokens of the rows will have. */
  int[] positions(Segments segments) {
    check(segments);
    int[] positions = new int[segments.tokens()];
    for (int i = 0; i < rows.length; i++) {
      for (int t = segments.start(i); t < segments.start(i + 1); t++) {
        positions[t] = rows[i].end + t - segments.start(i);
      }
    }
    return positions;
  }

  /** Positions of the row that has seen most. */
  int longest() {
    int longest = 0;
    for (Row row : rows) {
      longest = Math.max(longest, row.end);
    }
    return longest;
  }

  Row row(int i) {
    return rows[i];
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

  /** What one sequence has seen: the keys and values of its positions from {@link #first} on. */
  static final class Row {
    private static final int FIRST_CAPACITY = 32;

    private final AttentionConfig config;
    private final int padded;
    /** Of each head, transposed: {@code [head_width, capacity]}. */
    private float[][] keys;
    /** Of each head: {@code [capacity, padded(head_width)]}. */
    private float[][] values;
    private int capacity;
    /** Position of the first key that is still there, a multiple of the number of lanes, and the one behind the last. */
    private int first;
    private int end;
    /** Whether several rows refer to this one, or once did. */
    private boolean shared;

    private Row(AttentionConfig config) {
      this.config = config;
      this.padded = Lanes.padded(config.headWidth());
      this.keys = new float[config.keyValueHeads()][0];
      this.values = new float[config.keyValueHeads()][0];
    }

    /** Keys of a head, {@code [head_width, capacity]}. */
    float[] keys(int head) {
      return keys[head];
    }

    /** Values of a head, {@code [capacity, padded(head_width)]}. */
    float[] values(int head) {
      return values[head];
    }

    int capacity() {
      return capacity;
    }

    int first() {
      return first;
    }

    int end() {
      return end;
    }

    /** A row of its own with the same content. */
    private Row copy() {
      Row copy = new Row(config);
      copy.capacity = capacity;
      copy.first = first;
      copy.end = end;
      for (int head = 0; head < keys.length; head++) {
        copy.keys[head] = keys[head].clone();
        copy.values[head] = values[head].clone();
      }
      return copy;
    }

    private void append(Matrix newKeys, Matrix newValues, int from, int to) {
      reserve(to - from);
      int width = config.headWidth();
      for (int i = from; i < to; i++) {
        int at = end - first;
        for (int head = 0; head < keys.length; head++) {
          for (int c = 0; c < width; c++) {
            keys[head][c * capacity + at] = Lanes.at(newKeys.bytes(), newKeys.place(i, head * width + c));
          }
          HeadRows.load(newValues.bytes(), newValues.place(i, head * width), width, values[head], at * padded);
        }
        end++;
      }
    }

    /** Makes room for more positions: forgets what no later query sees, and grows unless that freed half of the memory. */
    private void reserve(int more) {
      int length = end - first;
      if (length + more <= capacity) {
        return;
      }
      int seen = config.window() == 0 ? length : Math.min(length, config.window() - 1);
      int forgotten = Lanes.whole(length - seen);
      int larger = capacity;
      if (length - forgotten + more > capacity / 2) {
        larger = Lanes.padded(Math.max(length - forgotten + more, capacity == 0 && more > 1 ? 0 : Math.max(FIRST_CAPACITY, 2 * capacity)));
      }
      for (int head = 0; head < keys.length; head++) {
        float[] movedKeys = new float[config.headWidth() * larger];
        float[] movedValues = new float[larger * padded];
        for (int c = 0; c < config.headWidth(); c++) {
          System.arraycopy(keys[head], c * capacity + forgotten, movedKeys, c * larger, length - forgotten);
        }
        System.arraycopy(values[head], forgotten * padded, movedValues, 0, (length - forgotten) * padded);
        keys[head] = movedKeys;
        values[head] = movedValues;
      }
      first += forgotten;
      capacity = larger;
    }
  }
}
