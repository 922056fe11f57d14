package io.sparkformer.data.shard;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * What the manifest says about the examples of a shard, counted while they are written.
 */
final class ShardStatistics implements Serializable {

  private static final long serialVersionUID = 1L;

  private final long[] tokens;
  private final int[] longest;
  private long examples;
  private long[] buckets = new long[0];

  ShardStatistics(ExampleKind kind) {
    this.tokens = new long[kind.columns().size()];
    this.longest = new int[tokens.length];
  }

  void add(Example example) {
    examples++;
    int longestColumn = 0;
    for (int column = 0; column < tokens.length; column++) {
      int length = example.ids()[column].length;
      tokens[column] += length;
      longest[column] = Math.max(longest[column], length);
      longestColumn = Math.max(longestColumn, length);
    }
    int bucket = longestColumn / LengthHistogram.EMPTY.bucketTokens();
    if (bucket >= buckets.length) {
      buckets = Arrays.copyOf(buckets, bucket + 1);
    }
    buckets[bucket]++;
  }

  /** Ids of the longest list of each column. */
  List<Integer> longest() {
    return Arrays.stream(longest).boxed().toList();
  }

  LengthHistogram lengths() {
    List<Long> counts = Arrays.stream(buckets).boxed().toList();
    return new LengthHistogram(LengthHistogram.EMPTY.bucketTokens(), counts);
  }

  Shard shard(String file, long bytes, String sha256, String contentSha256) {
    return new Shard(file, examples, Arrays.stream(tokens).boxed().toList(), bytes, sha256, contentSha256);
  }
}
