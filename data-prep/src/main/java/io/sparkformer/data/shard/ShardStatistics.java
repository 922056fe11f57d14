package io.sparkformer.data.shard;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * What the manifest says about the pairs of a shard, counted while they are written.
 */
final class ShardStatistics implements Serializable {

  private static final long serialVersionUID = 1L;

  private long pairs;
  private long sourceTokens;
  private long targetTokens;
  private int longestSource;
  private int longestTarget;
  private long[] buckets = new long[0];

  void add(SentencePair pair) {
    pairs++;
    sourceTokens += pair.source().length;
    targetTokens += pair.target().length;
    longestSource = Math.max(longestSource, pair.source().length);
    longestTarget = Math.max(longestTarget, pair.target().length);
    int bucket = (pair.length() - 1) / LengthHistogram.EMPTY.bucketTokens();
    if (bucket >= buckets.length) {
      buckets = Arrays.copyOf(buckets, bucket + 1);
    }
    buckets[bucket]++;
  }

  int longestSource() {
    return longestSource;
  }

  int longestTarget() {
    return longestTarget;
  }

  LengthHistogram lengths() {
    List<Long> counts = Arrays.stream(buckets).boxed().toList();
    return new LengthHistogram(LengthHistogram.EMPTY.bucketTokens(), counts);
  }

  Shard shard(String file, long bytes, String sha256, String contentSha256) {
    return new Shard(file, pairs, sourceTokens, targetTokens, bytes, sha256, contentSha256);
  }
}
