package io.sparkformer.data.shard;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Loads windows of one part: reads on from the window before, or finds its way to any window by the manifest's counts.
 * For one thread at a time.
 */
final class WindowLoader implements AutoCloseable {

  /** The batches of one window in order of delivery. */
  record Window(int epoch, long number, List<List<SentencePair>> batches) {
  }

  private final Configuration hadoop;
  private final Path dataFolder;
  private final ShardSet shards;
  private final BatchPlan plan;
  private final BatchOrder order;
  private final Set<Shard> verified = new HashSet<>();
  private final long windowsPerEpoch;

  private PairCursor cursor;
  private int cursorEpoch;
  private long cursorWindow;

  WindowLoader(Configuration hadoop, Path dataFolder, ShardSet shards, BatchPlan plan, BatchOrder order) {
    this.hadoop = hadoop;
    this.dataFolder = dataFolder;
    this.shards = shards;
    this.plan = plan;
    this.order = order;
    this.windowsPerEpoch = (shards.pairs() + plan.window() - 1) / plan.window();
  }

  long windowsPerEpoch() {
    return windowsPerEpoch;
  }

  Window load(int epoch, long window) throws IOException {
    if (cursor == null || cursorEpoch != epoch || cursorWindow != window) {
      close();
      cursor = new PairCursor(hadoop, dataFolder, order.shards(shards.shards(), plan, epoch), verified);
      cursor.skip(Math.multiplyExact(window, plan.window()));
    }
    List<SentencePair> pairs = cursor.read(plan.window());
    cursorEpoch = epoch;
    cursorWindow = window + 1;
    return new Window(epoch, window, order.batches(pairs, plan, epoch, window));
  }

  @Override
  public void close() throws IOException {
    if (cursor != null) {
      cursor.close();
      cursor = null;
    }
  }
}
