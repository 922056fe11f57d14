package io.sparkformer.data.shard;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * How many pairs there are of each length, where a pair is as long as its longer side, in tokens without begin and end.
 *
 * @param bucketTokens width of a bucket: bucket i counts lengths from {@code i * bucketTokens} to {@code (i + 1) * bucketTokens - 1}
 * @param pairs [buckets] pairs in each; the last is not 0
 */
public record LengthHistogram(int bucketTokens, List<Long> pairs) implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Of no pairs at all. */
  public static final LengthHistogram EMPTY = new LengthHistogram(8, List.of());

  /**
   * @throws IllegalArgumentException if the width is not positive
   */
  public LengthHistogram {
    pairs = List.copyOf(pairs);
    if (bucketTokens <= 0) {
      throw new IllegalArgumentException("Invalid bucketTokens: " + bucketTokens + " (must be > 0)");
    }
  }

  /**
   * The histogram of both together.
   */
  public LengthHistogram plus(LengthHistogram other) {
    if (bucketTokens != other.bucketTokens) {
      throw new IllegalArgumentException("Bucket widths differ: " + bucketTokens + " and " + other.bucketTokens);
    }
    List<Long> longer = pairs.size() >= other.pairs.size() ? pairs : other.pairs;
    List<Long> shorter = longer == pairs ? other.pairs : pairs;
    List<Long> sum = new ArrayList<>(longer);
    for (int bucket = 0; bucket < shorter.size(); bucket++) {
      sum.set(bucket, longer.get(bucket) + shorter.get(bucket));
    }
    return new LengthHistogram(bucketTokens, sum);
  }
}
