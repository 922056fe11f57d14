package io.sparkformer.data.shard;

import io.sparkformer.data.SplitMix64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * In what order shards are read, and how the examples of a window become batches.
 */
enum BatchOrder {

  /** Random, another order in every epoch: for training. */
  SHUFFLED {
    @Override
    List<Shard> shards(List<Shard> shards, BatchPlan plan, int epoch) {
      return shuffled(shards, SplitMix64.of(plan.seed(), SHARDS, epoch));
    }

    @Override
    int offset(BatchPlan plan, int epoch, int shard, int rowTokens) {
      return plan.rowCuts() == RowCuts.FIXED ? 0 : SplitMix64.of(plan.seed(), OFFSETS, epoch, shard).nextBelow(rowTokens);
    }

    @Override
    List<List<Example>> batches(List<Example> examples, BatchPlan plan, int epoch, long window) {
      SplitMix64 random = SplitMix64.of(plan.seed(), WINDOWS, epoch, window);
      List<Example> shuffled = shuffled(examples, random);
      return plan.batchExamples() > 0 ? cut(shuffled, plan) : shuffled(cut(sorted(shuffled), plan), random);
    }
  },

  /** In the order in which the shards are stored, each window sorted by length: for validation and scores. */
  AS_STORED {
    @Override
    List<Shard> shards(List<Shard> shards, BatchPlan plan, int epoch) {
      return shards;
    }

    @Override
    int offset(BatchPlan plan, int epoch, int shard, int rowTokens) {
      return 0;
    }

    @Override
    List<List<Example>> batches(List<Example> examples, BatchPlan plan, int epoch, long window) {
      return cut(sorted(examples), plan);
    }
  };

  /** Keys that keep the random numbers of different purposes apart. */
  private static final int SHARDS = 1;
  private static final int WINDOWS = 2;
  private static final int OFFSETS = 3;

  private static final Comparator<Example> BY_LENGTH = Comparator.comparingInt(Example::length).thenComparing(BatchOrder::byColumns);

  /**
   * The shards in the order in which this epoch reads them.
   */
  abstract List<Shard> shards(List<Shard> shards, BatchPlan plan, int epoch);

  /**
   * How many tokens later than stored the rows of a shard begin in this epoch.
   *
   * @param shard its number in the manifest
   * @param rowTokens tokens of a row
   */
  abstract int offset(BatchPlan plan, int epoch, int shard, int rowTokens);

  /**
   * The batches of a window in the order in which they are delivered.
   *
   * @param examples of the window, as they were read
   */
  abstract List<List<Example>> batches(List<Example> examples, BatchPlan plan, int epoch, long window);

  @SuppressWarnings("unchecked")
  private static <T> List<T> shuffled(List<T> elements, SplitMix64 random) {
    Object[] array = elements.toArray();
    random.shuffle(array);
    return (List<T>) Arrays.asList(array);
  }

  private static List<Example> sorted(List<Example> examples) {
    List<Example> sorted = new ArrayList<>(examples);
    sorted.sort(BY_LENGTH);
    return sorted;
  }

  private static int byColumns(Example one, Example other) {
    for (int column = 0; column < one.ids().length; column++) {
      int order = Integer.compare(one.tokens(column), other.tokens(column));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  /**
   * Cuts the examples into batches: one ends where it has {@code batchExamples}, or where the next example would take any column beyond
   * {@code batchTokens}.
   */
  private static List<List<Example>> cut(List<Example> examples, BatchPlan plan) {
    List<List<Example>> batches = new ArrayList<>();
    int begin = 0;
    long[] tokens = new long[0];
    for (int i = 0; i < examples.size(); i++) {
      long[] with = plus(tokens, examples.get(i));
      boolean full = plan.batchExamples() > 0 ? i - begin == plan.batchExamples()
        : Arrays.stream(with).max().orElseThrow() > plan.batchTokens();
      if (i > begin && full) {
        batches.add(examples.subList(begin, i));
        begin = i;
        with = plus(new long[0], examples.get(i));
      }
      tokens = with;
    }
    if (begin < examples.size()) {
      batches.add(examples.subList(begin, examples.size()));
    }
    return batches;
  }

  /** Tokens of each column with one more example. */
  private static long[] plus(long[] tokens, Example example) {
    long[] sum = Arrays.copyOf(tokens, example.ids().length);
    for (int column = 0; column < sum.length; column++) {
      sum[column] += example.tokens(column);
    }
    return sum;
  }
}
