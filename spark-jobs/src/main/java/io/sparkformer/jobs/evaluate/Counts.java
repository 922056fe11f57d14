package io.sparkformer.jobs.evaluate;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Counts of n-grams by order, and of each n-gram. */
final class Counts {

  private Counts() { }

  /** Element by element. */
  static List<Long> sum(List<Long> left, List<Long> right) {
    return IntStream.range(0, left.size()).mapToObj(i -> left.get(i) + right.get(i)).toList();
  }

  /** How many of one segment's n-grams the other has too; a repeated one counts as often as both have it. */
  static <N> long common(Map<N, Integer> left, Map<N, Integer> right) {
    long common = 0;
    for (Map.Entry<N, Integer> entry : left.entrySet()) {
      common += Math.min(entry.getValue(), right.getOrDefault(entry.getKey(), 0));
    }
    return common;
  }
}
