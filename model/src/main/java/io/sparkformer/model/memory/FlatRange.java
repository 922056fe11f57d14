package io.sparkformer.model.memory;

/**
 * The elements {@code from} (inclusive) to {@code to} (exclusive) of a flat array.
 *
 * @param from first element, at least 0
 * @param to one past the last element, at least {@code from}
 */
public record FlatRange(long from, long to) {

  /** @throws IllegalArgumentException when the bounds are negative or out of order */
  public FlatRange {
    if (from < 0 || to < from) {
      throw new IllegalArgumentException("Invalid range of a flat array: from=" + from + ", to=" + to + " (must be 0 <= from <= to)");
    }
  }

  /** Number of elements. */
  public long length() {
    return to - from;
  }

  /** Whether the range holds no element. */
  public boolean isEmpty() {
    return from == to;
  }

  /** The elements in both this range and {@code other}; an empty range when they share none. */
  public FlatRange intersection(FlatRange other) {
    long start = Math.max(from, other.from);
    return new FlatRange(start, Math.max(start, Math.min(to, other.to)));
  }

  @Override
  public String toString() {
    return "[" + from + ", " + to + ")";
  }
}
