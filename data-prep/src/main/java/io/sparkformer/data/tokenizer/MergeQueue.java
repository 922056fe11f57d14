package io.sparkformer.data.tokenizer;

import java.util.Arrays;

/**
 * Pairs waiting to be merged: the highest count first; of equal counts the smallest pair (left id, then right id), as in Hugging
 * Face's trainer. A binary heap over two arrays. Counts may be out of date: the caller compares the count of a pair that it takes, and puts
 * the pair back if the count has fallen.
 */
final class MergeQueue {

  private long[] counts = new long[1 << 10];
  private long[] pairs = new long[counts.length];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  /** Count of the first pair when it was put in. */
  long firstCount() {
    return counts[0];
  }

  long firstPair() {
    return pairs[0];
  }

  void put(long pair, long count) {
    if (size == counts.length) {
      counts = Arrays.copyOf(counts, size * 2);
      pairs = Arrays.copyOf(pairs, size * 2);
    }
    int hole = size++;
    while (hole > 0) {
      int parent = hole - 1 >> 1;
      if (!precedes(count, pair, counts[parent], pairs[parent])) {
        break;
      }
      move(parent, hole);
      hole = parent;
    }
    set(hole, pair, count);
  }

  void removeFirst() {
    size--;
    long count = counts[size];
    long pair = pairs[size];
    int hole = 0;
    for (int child = 1; child < size; child = 2 * hole + 1) {
      if (child + 1 < size && precedes(counts[child + 1], pairs[child + 1], counts[child], pairs[child])) {
        child++;
      }
      if (!precedes(counts[child], pairs[child], count, pair)) {
        break;
      }
      move(child, hole);
      hole = child;
    }
    set(hole, pair, count);
  }

  private static boolean precedes(long count, long pair, long otherCount, long otherPair) {
    return count != otherCount ? count > otherCount : pair < otherPair;
  }

  private void move(int from, int to) {
    set(to, pairs[from], counts[from]);
  }

  private void set(int slot, long pair, long count) {
    pairs[slot] = pair;
    counts[slot] = count;
  }
}
