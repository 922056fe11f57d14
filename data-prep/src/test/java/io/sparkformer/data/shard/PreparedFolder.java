package io.sparkformer.data.shard;

import io.sparkformer.data.SplitMix64;
import io.sparkformer.data.corpus.CleaningReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * A prepared folder of made-up pairs, written without Spark. Pair i begins with the id i on both sides, so that pairs are distinct.
 */
final class PreparedFolder {

  static final Configuration HADOOP = new Configuration();
  static final int VOCABULARY = 1 << 20;

  private PreparedFolder() {
  }

  /** Pairs whose sides have 1 to {@code longest} tokens. */
  static List<SentencePair> pairs(int count, int longest, long seed) {
    SplitMix64 random = SplitMix64.of(seed);
    return IntStream.range(0, count)
      .mapToObj(i -> new SentencePair(ids(i, 1 + random.nextBelow(longest), random), ids(i, 1 + random.nextBelow(longest), random)))
      .toList();
  }

  /** Writes training shards, and the first pairs again as the only validation shard. */
  static ShardManifest write(java.nio.file.Path folder, List<SentencePair> pairs, int shardPairs) throws IOException {
    return write(folder, ExampleKind.SENTENCE_PAIRS, null, pairs, shardPairs);
  }

  static ShardManifest write(java.nio.file.Path folder, ExampleKind kind, RowFormat rows, List<? extends Example> pairs, int shardPairs)
      throws IOException {
    ShardSet train = shards(folder, DataPart.TRAIN, pairs, shardPairs);
    ShardSet validation = shards(folder, DataPart.VALIDATION, pairs.subList(0, Math.min(7, pairs.size())), shardPairs);
    ShardManifest manifest =
      new ShardManifest(ShardManifest.FORMAT_VERSION, kind, rows, 1, VOCABULARY, "0".repeat(64), train, validation);
    manifest.write(HADOOP, path(folder));
    return manifest;
  }

  static Path path(java.nio.file.Path folder) {
    return new Path(folder.toUri());
  }

  private static ShardSet shards(java.nio.file.Path folder, DataPart part, List<? extends Example> pairs, int shardPairs)
      throws IOException {
    List<Shard> shards = new ArrayList<>();
    ExampleKind kind = pairs.get(0).kind();
    int[] longest = new int[kind.columns().size()];
    LengthHistogram lengths = LengthHistogram.EMPTY;
    for (int begin = 0; begin < pairs.size(); begin += shardPairs) {
      String file = Shard.fileName(part, shards.size());
      try (ShardFileWriter writer = new ShardFileWriter(HADOOP, path(folder), kind, file, 0)) {
        for (Example pair : pairs.subList(begin, Math.min(pairs.size(), begin + shardPairs))) {
          writer.write(pair);
        }
        ShardFileWriter.Written written = writer.finish();
        shards.add(written.shard());
        for (int column = 0; column < longest.length; column++) {
          longest[column] = Math.max(longest[column], written.statistics().longest().get(column));
        }
        lengths = lengths.plus(written.statistics().lengths());
      }
    }
    CleaningReport cleaning = new CleaningReport(pairs.size(), pairs.size(), Map.of());
    return new ShardSet(shards, Arrays.stream(longest).boxed().toList(), lengths, cleaning);
  }

  private static int[] ids(int first, int length, SplitMix64 random) {
    int[] ids = new int[length];
    for (int i = 0; i < length; i++) {
      ids[i] = i == 0 ? first : random.nextBelow(VOCABULARY);
    }
    return ids;
  }
}
