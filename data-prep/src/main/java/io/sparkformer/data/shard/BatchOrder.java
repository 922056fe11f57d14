package io.sparkformer.data.shard;

import io.sparkformer.data.SplitMix64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * In what order shards are read, and how the pairs of a window become batches.
 */
enum BatchOrder {

  /** Random, another order in every epoch: for training. */
  SHUFFLED {
    @Override
    List<Shard> shards(List<Shard> shards, BatchPlan plan, int epoch) {
      return shuffled(shards, SplitMix64.of(plan.seed(), SHARDS, epoch));
    }

    @Override
    List<List<SentencePair>> batches(List<SentencePair> pairs, BatchPlan plan, int epoch, long window) {
      SplitMix64 random = SplitMix64.of(plan.seed(), WINDOWS, epoch, window);
      return shuffled(cut(sorted(shuffled(pairs, random)), plan.batchTokens()), random);
    }
  },

  /** As the shards lie there, windows sorted by length: for measuring. */
  AS_STORED {
    @Override
    List<Shard> shards(List<Shard> shards, BatchPlan plan, int epoch) {
      return shards;
    }

    @Override
    List<List<SentencePair>> batches(List<SentencePair> pairs, BatchPlan plan, int epoch, long window) {
      return cut(sorted(pairs), plan.batchTokens());
    }
  };

  /** Keep the random numbers of different purposes apart. */
  private static final int SHARDS = 1;
  private static final int WINDOWS = 2;

  private static final Comparator<SentencePair> BY_LENGTH = Comparator
    .comparingInt(SentencePair::length)
    .thenComparingInt(SentencePair::sourceLength)
    .thenComparingInt(SentencePair::targetLength);

  /**
   * The shards in the order in which this epoch reads them.
   */
  abstract List<Shard> shards(List<Shard> shards, BatchPlan plan, int epoch);

  /**
   * The batches of a window in the order in which they are delivered.
   *
   * @param pairs of the window, as they were read
   */
  abstract List<List<SentencePair>> batches(List<SentencePair> pairs, BatchPlan plan, int epoch, long window);

  @SuppressWarnings("unchecked")
  private static <T> List<T> shuffled(List<T> elements, SplitMix64 random) {
    Object[] array = elements.toArray();
    random.shuffle(array);
    return (List<T>) Arrays.asList(array);
  }

  private static List<SentencePair> sorted(List<SentencePair> pairs) {
    List<SentencePair> sorted = new ArrayList<>(pairs);
    sorted.sort(BY_LENGTH);
    return sorted;
  }

  /** Cuts where either side would pass the budget. */
  private static List<List<SentencePair>> cut(List<SentencePair> pairs, int batchTokens) {
    List<List<SentencePair>> batches = new ArrayList<>();
    int begin = 0;
    long sourceTokens = 0;
    long targetTokens = 0;
    for (int i = 0; i < pairs.size(); i++) {
      SentencePair pair = pairs.get(i);
      sourceTokens += pair.sourceLength();
      targetTokens += pair.targetLength();
      if (i > begin && Math.max(sourceTokens, targetTokens) > batchTokens) {
        batches.add(pairs.subList(begin, i));
        begin = i;
        sourceTokens = pair.sourceLength();
        targetTokens = pair.targetLength();
      }
    }
    if (begin < pairs.size()) {
      batches.add(pairs.subList(begin, pairs.size()));
    }
    return batches;
  }
}
