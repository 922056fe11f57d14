package io.sparkformer.data.shard;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Goes through the examples of several shards as if they were one file, and reads those of its own shards; other readers' shards are not
 * opened. A shard is verified when it is opened, unless this process has done so before.
 */
final class ExampleCursor implements AutoCloseable {

  private final Configuration hadoop;
  private final Path dataFolder;
  private final ExampleKind kind;
  private final Iterator<Shard> remaining;
  private final Predicate<Shard> own;
  private final Set<Shard> verified;
  private final RowFormat rows;
  private final ToIntFunction<Shard> offset;
  private Shard shard;
  private long leftInShard;
  /** Null at a shard of another reader, and before an own one is opened. */
  private ExampleSource reader;

  /**
   * @param kind of the examples
   * @param shards in the order of reading
   * @param own which shards to read
   * @param verified shards whose checksum was verified; shards that are verified here are added
   * @param rows how documents were packed; null for pairs
   * @param offset how many tokens later than stored the rows of a shard begin
   */
  ExampleCursor(Configuration hadoop, Path dataFolder, ExampleKind kind, List<Shard> shards, Predicate<Shard> own, Set<Shard> verified,
      RowFormat rows, ToIntFunction<Shard> offset) {
    this.hadoop = hadoop;
    this.dataFolder = dataFolder;
    this.kind = kind;
    this.remaining = shards.iterator();
    this.own = own;
    this.verified = verified;
    this.rows = rows;
    this.offset = offset;
  }

  /**
   * Passes over examples without reading them.
   */
  void skip(long examples) throws IOException {
    long left = examples;
    while (left > 0 && isInShard()) {
      long count = Math.min(left, leftInShard);
      if (count < leftInShard && own.test(shard)) {
        open();
        reader.skip(count);
      }
      leftInShard -= count;
      left -= count;
    }
  }

  /**
   * Passes over up to {@code limit} examples, fewer only at the end of the last shard, and gives those of its own shards to {@code taker}.
   */
  void read(long limit, Consumer<Example> taker) throws IOException {
    long left = limit;
    while (left > 0 && isInShard()) {
      long count = Math.min(left, leftInShard);
      if (own.test(shard)) {
        open();
        for (long i = 0; i < count; i++) {
          taker.accept(next());
        }
      }
      leftInShard -= count;
      left -= count;
    }
  }

  @Override
  public void close() throws IOException {
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }

  /** Goes to the next shard at the end of one; false after the last. */
  private boolean isInShard() throws IOException {
    while (leftInShard == 0) {
      close();
      if (!remaining.hasNext()) {
        return false;
      }
      shard = remaining.next();
      leftInShard = shard.examples();
    }
    return true;
  }

  private Example next() throws IOException {
    Example example;
    try {
      example = reader.next();
    } catch (RuntimeException e) {
      throw shard.corrupt(dataFolder, "it cannot be decoded (" + e.getMessage() + ")", e);
    }
    if (example == null) {
      throw shard.corrupt(dataFolder, shard.examples() + " examples expected, fewer found", null);
    }
    return example;
  }

  private void open() throws IOException {
    if (reader != null) {
      return;
    }
    if (verified.contains(shard)) {
      shard.verifySize(hadoop, dataFolder);
    } else {
      shard.verify(hadoop, dataFolder);
      verified.add(shard);
    }
    try {
      ExampleSource stored = new ShardReader(hadoop, shard.path(dataFolder), kind);
      int later = offset.applyAsInt(shard);
      reader = later == 0 ? stored : new ShiftedRows(stored, shard, rows.tokens(), later);
    } catch (RuntimeException e) {
      throw shard.corrupt(dataFolder, "it is not a Parquet file of " + kind.text() + " (" + e.getMessage() + ")", e);
    }
  }
}
