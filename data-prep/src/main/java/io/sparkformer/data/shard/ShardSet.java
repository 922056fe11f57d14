package io.sparkformer.data.shard;

import io.sparkformer.data.corpus.CleaningReport;
import java.util.List;
import java.util.Objects;

/**
 * The shards of one part of a prepared folder, in order. Every shard but the last has the same number of pairs.
 *
 * @param shards the files
 * @param longestSource tokens of the longest source, without end token; 0 if there are no pairs
 * @param longestTarget tokens of the longest target, without end token; 0 if there are no pairs
 * @param lengths pairs by length
 * @param cleaning what happened to the text on its way here
 */
public record ShardSet(List<Shard> shards, int longestSource, int longestTarget, LengthHistogram lengths, CleaningReport cleaning) {

  /**
   * @throws NullPointerException if a component is null
   */
  public ShardSet {
    shards = List.copyOf(shards);
    Objects.requireNonNull(lengths, "lengths");
    Objects.requireNonNull(cleaning, "cleaning");
  }

  /**
   * Pairs in all shards.
   */
  public long pairs() {
    return shards.stream().mapToLong(Shard::pairs).sum();
  }

  /**
   * Source tokens in all shards, without end tokens.
   */
  public long sourceTokens() {
    return shards.stream().mapToLong(Shard::sourceTokens).sum();
  }

  /**
   * Target tokens in all shards, without end tokens.
   */
  public long targetTokens() {
    return shards.stream().mapToLong(Shard::targetTokens).sum();
  }
}
