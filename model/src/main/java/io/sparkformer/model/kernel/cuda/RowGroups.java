package io.sparkformer.model.kernel.cuda;

import java.util.Arrays;

/**
 * Rows in groups by the number that each has, in the order of the numbers, and in a group in their own order.
 *
 * @param targets of every group, its number
 * @param starts of every group, where its rows begin; and the end of the last
 * @param rows of all groups
 */
record RowGroups(int[] targets, int[] starts, int[] rows) {
  /**
   * @param numbers of every row, from 0
   * @param skipped a number whose rows are in no group
   * @param bound above all numbers
   */
  static RowGroups of(int[] numbers, int skipped, int bound) {
    int[] next = new int[bound + 1];
    for (int number : numbers) {
      if (number != skipped) {
        next[number + 1]++;
      }
    }
    int[] targets = new int[bound];
    int[] starts = new int[bound + 1];
    int groups = 0;
    for (int number = 0; number < bound; number++) {
      int count = next[number + 1];
      next[number + 1] += next[number];
      if (count > 0) {
        targets[groups] = number;
        starts[groups++] = next[number];
      }
    }
    starts[groups] = next[bound];
    int[] rows = new int[next[bound]];
    for (int row = 0; row < numbers.length; row++) {
      if (numbers[row] != skipped) {
        rows[next[numbers[row]]++] = row;
      }
    }
    return new RowGroups(Arrays.copyOf(targets, groups), Arrays.copyOf(starts, groups + 1), rows);
  }

  int count() {
    return targets.length;
  }
}
