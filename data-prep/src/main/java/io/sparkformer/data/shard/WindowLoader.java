package io.sparkformer.data.shard;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Loads windows of one part in two steps: {@link #share} reads those examples of a window that are in this reader's shards, {@link
 * #assemble} makes batches of the shares of all readers. Reading goes on from the window before, or goes to any other one by the
 * manifest's counts. Shards are assigned to the readers in turn, in the manifest's order: the same reader reads and verifies a shard in
 * every epoch. Not safe for use by several threads at once.
 */
final class WindowLoader implements AutoCloseable {

  /** The batches of one window in order of delivery. */
  record Window(int epoch, long number, List<List<Example>> batches) {
  }

  private final Configuration hadoop;
  private final Path dataFolder;
  private final ExampleKind kind;
  private final RowFormat rows;
  private final ShardSet shards;
  private final BatchPlan plan;
  private final BatchOrder order;
  private final Readers readers;
  private final Map<Shard, Integer> numbers = new HashMap<>();
  private final Set<Shard> verified = new HashSet<>();
  private final long windowsPerEpoch;

  private ExampleCursor cursor;
  private int cursorEpoch;
  private long cursorWindow;

  WindowLoader(Configuration hadoop, Path dataFolder, ShardManifest manifest, DataPart part, BatchPlan plan, BatchOrder order,
      Readers readers) {
    this.hadoop = hadoop;
    this.dataFolder = dataFolder;
    this.kind = manifest.kind();
    this.rows = manifest.rows();
    this.shards = manifest.part(part);
    this.plan = plan;
    this.order = order;
    this.readers = readers;
    this.windowsPerEpoch = (shards.examples() + plan.window() - 1) / plan.window();
    for (Shard shard : shards.shards()) {
      numbers.put(shard, numbers.size());
    }
  }

  private int owner(Shard shard) {
    return numbers.get(shard) % readers.count();
  }

  long windowsPerEpoch() {
    return windowsPerEpoch;
  }

  /** This reader's share of a window: the examples of its own shards, in order, as {@link ExampleBytes}. */
  byte[] share(int epoch, long window) throws IOException {
    if (cursor == null || cursorEpoch != epoch || cursorWindow != window) {
      close();
      cursor = new ExampleCursor(hadoop, dataFolder, kind, order.shards(shards.shards(), plan, epoch),
        shard -> owner(shard) == readers.rank(), verified, rows,
        shard -> rows == null ? 0 : order.offset(plan, epoch, numbers.get(shard), rows.tokens()));
      cursor.skip(Math.multiplyExact(window, plan.window()));
    }
    ByteArrayOutputStream share = new ByteArrayOutputStream();
    cursor.read(plan.window(), example -> ExampleBytes.write(example, share));
    cursorEpoch = epoch;
    cursorWindow = window + 1;
    return share.toByteArray();
  }

  /**
   * The batches of a window.
   *
   * @param shares of all readers, in rank order
   */
  Window assemble(int epoch, long window, List<byte[]> shares) {
    List<ExampleBytes> sources = shares.stream().map(bytes -> new ExampleBytes(kind, bytes)).toList();
    List<Example> examples = new ArrayList<>();
    long begin = window * plan.window();
    long end = Math.min(begin + plan.window(), shards.examples());
    long first = 0;
    for (Shard shard : order.shards(shards.shards(), plan, epoch)) {
      long after = first + shard.examples();
      ExampleBytes source = sources.get(owner(shard));
      for (long i = Math.max(begin, first); i < Math.min(end, after); i++) {
        examples.add(source.next());
      }
      first = after;
    }
    return new Window(epoch, window, order.batches(examples, plan, epoch, window));
  }

  @Override
  public void close() throws IOException {
    if (cursor != null) {
      cursor.close();
      cursor = null;
    }
  }
}
