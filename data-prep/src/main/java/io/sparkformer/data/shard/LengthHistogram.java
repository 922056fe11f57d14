package io.sparkformer.data.shard;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * How many examples there are of each length, where an example is as long as the longest list of ids that its shard stores.
 *
 * @param bucketTokens width of a bucket: bucket i counts lengths from {@code i * bucketTokens} to {@code (i + 1) * bucketTokens - 1}
 * @param examples [buckets] examples in each; the last is not 0
 */
public record LengthHistogram(int bucketTokens, List<Long> examples) implements Serializable {

  private static final long serialVersionUID = 1L;

  /** No examples. */
  public static final LengthHistogram EMPTY = new LengthHistogram(8, List.of());

  /**
   * @throws IllegalArgumentException if the width is not positive
   */
  public LengthHistogram {
    examples = List.copyOf(examples);
    if (bucketTokens <= 0) {
      throw new IllegalArgumentException("Invalid bucketTokens: " + bucketTokens + " (must be > 0)");
    }
  }

  /**
   * The sum of this histogram and another.
   */
  public LengthHistogram plus(LengthHistogram other) {
    if (bucketTokens != other.bucketTokens) {
      throw new IllegalArgumentException("Bucket widths differ: " + bucketTokens + " and " + other.bucketTokens);
    }
    List<Long> longer = examples.size() >= other.examples.size() ? examples : other.examples;
    List<Long> shorter = longer == examples ? other.examples : examples;
    List<Long> sum = new ArrayList<>(longer);
    for (int bucket = 0; bucket < shorter.size(); bucket++) {
      sum.set(bucket, longer.get(bucket) + shorter.get(bucket));
    }
    return new LengthHistogram(bucketTokens, sum);
  }
}
