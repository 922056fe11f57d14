package io.sparkformer.data.shard;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Reads the pairs of several shards one after the other, as if they were one file. A shard is verified when it is opened, unless
 * this process has done so before.
 */
final class PairCursor implements AutoCloseable {

  private final Configuration hadoop;
  private final Path dataFolder;
  private final Iterator<Shard> remaining;
  private final Set<Shard> verified;
  private Shard shard;
  private ShardReader reader;

  /**
   * @param shards in the order of reading
   * @param verified shards whose checksum needs no second look; grows
   */
  PairCursor(Configuration hadoop, Path dataFolder, List<Shard> shards, Set<Shard> verified) {
    this.hadoop = hadoop;
    this.dataFolder = dataFolder;
    this.remaining = shards.iterator();
    this.verified = verified;
  }

  /**
   * Passes over pairs before the first {@link #read}; whole shards are not even opened.
   */
  void skip(long pairs) throws IOException {
    long left = pairs;
    while (left > 0 && remaining.hasNext()) {
      Shard next = remaining.next();
      if (left >= next.pairs()) {
        left -= next.pairs();
      } else {
        open(next);
        reader.skip(left);
        left = 0;
      }
    }
  }

  /**
   * @return up to {@code limit} pairs; fewer only at the end of the last shard
   */
  List<SentencePair> read(int limit) throws IOException {
    List<SentencePair> pairs = new ArrayList<>();
    while (pairs.size() < limit) {
      SentencePair pair = next();
      if (pair == null) {
        break;
      }
      pairs.add(pair);
    }
    return pairs;
  }

  @Override
  public void close() throws IOException {
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }

  private SentencePair next() throws IOException {
    while (true) {
      if (reader == null) {
        if (!remaining.hasNext()) {
          return null;
        }
        open(remaining.next());
      }
      SentencePair pair = decode();
      if (pair != null) {
        return pair;
      }
      close();
    }
  }

  private SentencePair decode() throws IOException {
    try {
      return reader.next();
    } catch (RuntimeException e) {
      throw shard.corrupt(dataFolder, "it cannot be decoded (" + e.getMessage() + ")", e);
    }
  }

  private void open(Shard next) throws IOException {
    shard = next;
    if (verified.contains(next)) {
      next.verifySize(hadoop, dataFolder);
    } else {
      next.verify(hadoop, dataFolder);
      verified.add(next);
    }
    try {
      reader = new ShardReader(hadoop, next.path(dataFolder));
    } catch (RuntimeException e) {
      throw next.corrupt(dataFolder, "it is not a Parquet file of pairs (" + e.getMessage() + ")", e);
    }
  }
}
