package io.sparkformer.data.shard;

import io.sparkformer.data.corpus.CleaningReport;
import java.util.List;
import java.util.Objects;

/**
 * The shards of one part of a prepared folder, in order. Every shard of pairs but the last holds the same number of them.
 *
 * @param shards the files
 * @param longest [columns] ids of the longest list of each column; 0 if there are no examples
 * @param lengths examples by length
 * @param cleaning what was dropped from the text before
 */
public record ShardSet(List<Shard> shards, List<Integer> longest, LengthHistogram lengths, CleaningReport cleaning) {

  /**
   * @throws NullPointerException if a component is null
   */
  public ShardSet {
    shards = List.copyOf(shards);
    longest = List.copyOf(longest);
    Objects.requireNonNull(lengths, "lengths");
    Objects.requireNonNull(cleaning, "cleaning");
  }

  /**
   * Examples in all shards.
   */
  public long examples() {
    return shards.stream().mapToLong(Shard::examples).sum();
  }

  /**
   * Ids of a column in all shards, without begin and end tokens.
   */
  public long tokens(int column) {
    return shards.stream().mapToLong(shard -> shard.tokens().get(column)).sum();
  }

  /**
   * Ids of all columns in all shards.
   */
  public long tokens() {
    return shards.stream().flatMap(shard -> shard.tokens().stream()).mapToLong(Long::longValue).sum();
  }

  /**
   * Tokens of the longest list of a column as the network sees it, with begin and end tokens; 0 if there are no examples.
   */
  public int longest(ExampleKind kind, int column) {
    return shards.isEmpty() ? 0 : kind.tokens(longest.get(column));
  }

  /**
   * Tokens of the longest example as the network sees it, with begin and end tokens; 0 if there are no examples.
   */
  public int longest(ExampleKind kind) {
    return shards.isEmpty() ? 0 : kind.tokens(longest.stream().mapToInt(Integer::intValue).max().orElseThrow());
  }
}
