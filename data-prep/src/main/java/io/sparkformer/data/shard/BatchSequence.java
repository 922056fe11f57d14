package io.sparkformer.data.shard;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.shard.WindowLoader.Window;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The deterministic sequence of global batches: a function of (shards, {@link BatchPlan}) alone. It does not depend on the reader or on the
 * batch at which reading starts. Every example comes exactly once per epoch.
 *
 * <p>Several {@link Readers} of the same sequence share the work: each reads and verifies its own shards only, and at the beginning of a
 * window they exchange what they have read of the next one. All this happens in the background, but for the exchange itself: while a window
 * is used, the next one is put together and this reader's share of the one after it is read. Memory: two windows of examples, and one more
 * as bytes. Every shard is verified against the manifest before its first example is used. One thread at a time may read.
 */
public final class BatchSequence implements AutoCloseable, Iterator<ExampleBatch> {

  private static final long LOAD_TIMEOUT_SECONDS = 600;
  private static final long CLOSE_TIMEOUT_SECONDS = 10;

  private final Path dataFolder;
  private final WindowLoader loader;
  private final Readers readers;
  private final boolean endless;
  private final ExecutorService background = Executors.newSingleThreadExecutor(task -> {
    Thread thread = new Thread(task, "batch-sequence");
    thread.setDaemon(true);
    return thread;
  });

  private BatchPosition position;
  private Window current;
  /** The window after the current one; null before the first exchange, and in a single pass after the last window. */
  private Future<Window> upcoming;
  /** This reader's share of the window after that. */
  private Future<byte[]> share;
  private boolean closed;

  private BatchSequence(Path dataFolder, WindowLoader loader, Readers readers, BatchPosition start, boolean endless) {
    this.dataFolder = dataFolder;
    this.loader = loader;
    this.readers = readers;
    this.endless = endless;
    this.position = loader.windowsPerEpoch() == 0 ? null : start;
    if (position != null) {
      share = background.submit(() -> loader.share(start.epoch(), start.window()));
    }
  }

  /**
   * The training examples, epoch after epoch without end, in random order.
   *
   * @param dataFolder a folder written by prepare
   * @param start the first batch to deliver
   * @param readers who read the same sequence, from the same start
   * @throws InvalidInputException if the folder or its manifest is missing or unreadable, if it has no training examples, if its
   *     longest example does not fit into a batch, or if there is no such window
   */
  public static BatchSequence endless(Configuration hadoop, Path dataFolder, BatchPlan plan, BatchPosition start,
      Readers readers) {
    WindowLoader loader = loader(hadoop, dataFolder, DataPart.TRAIN, plan, BatchOrder.SHUFFLED, readers);
    if (loader.windowsPerEpoch() == 0) {
      throw new InvalidInputException("No training examples in " + dataFolder + "; run prepare on more text");
    }
    if (start.window() >= loader.windowsPerEpoch()) {
      throw noSuchPosition(dataFolder, start);
    }
    return new BatchSequence(dataFolder, loader, readers, start, true);
  }

  /**
   * The examples of a part once, in the order of the shards; only inside a window they are sorted by length.
   *
   * @param dataFolder a folder written by prepare
   * @param readers who read the same pass
   * @throws InvalidInputException if the folder or its manifest is missing or unreadable, or if its longest example does not
   *     fit into a batch
   */
  public static BatchSequence onePass(Configuration hadoop, Path dataFolder, DataPart part, BatchPlan plan, Readers readers) {
    WindowLoader loader = loader(hadoop, dataFolder, part, plan, BatchOrder.AS_STORED, readers);
    return new BatchSequence(dataFolder, loader, readers, BatchPosition.START, false);
  }

  private static WindowLoader loader(Configuration hadoop, Path dataFolder, DataPart part, BatchPlan plan, BatchOrder order,
      Readers readers) {
    ShardManifest manifest = ShardManifest.read(hadoop, dataFolder);
    manifest.requireFits(plan.batchTokens(), dataFolder, part);
    return new WindowLoader(hadoop, dataFolder, manifest, part, plan, order, readers);
  }

  /**
   * The place of the batch that {@link #next()} delivers; {@code null} at the end of a single pass.
   */
  public BatchPosition position() {
    return position;
  }

  /** Always true for an endless sequence. */
  @Override
  public boolean hasNext() {
    return position != null;
  }

  /**
   * @throws InvalidInputException if a shard is missing or corrupt, or if there is no batch at the start position
   * @throws UncheckedIOException if the file system fails
   * @throws IllegalStateException if the sequence is closed, or if a window takes more than ten minutes to read
   */
  @Override
  public ExampleBatch next() {
    if (closed) {
      throw new IllegalStateException("This batch sequence is closed: " + dataFolder);
    }
    if (position == null) {
      throw new NoSuchElementException("No batch after the last one of " + dataFolder);
    }
    if (current == null) {
      current = await(upcoming == null ? assembled(position) : upcoming);
      BatchPosition following = windowAfter(position);
      upcoming = following == null ? null : assembled(following);
    }
    if (position.batch() >= current.batches().size()) {
      throw noSuchPosition(dataFolder, position);
    }
    boolean last = position.batch() + 1 == current.batches().size();
    BatchPosition next = last ? windowAfter(position)
      : new BatchPosition(position.epoch(), position.window(), position.batch() + 1);
    ExampleBatch batch = new ExampleBatch(position, current.batches().get(position.batch()), next);
    position = next;
    if (last) {
      current = null;
    }
    return batch;
  }

  /**
   * Stops the background thread and closes the shard it reads; nothing happens the second time.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    background.submit(() -> {
      loader.close();
      return null;
    });
    background.shutdown();
    try {
      if (!background.awaitTermination(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        background.shutdownNow();
      }
    } catch (InterruptedException e) {
      background.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private BatchPosition windowAfter(BatchPosition place) {
    if (place.window() + 1 < loader.windowsPerEpoch()) {
      return new BatchPosition(place.epoch(), place.window() + 1, 0);
    }
    return endless ? new BatchPosition(place.epoch() + 1, 0, 0) : null;
  }

  /** Exchanges the readers' shares of a window; a background thread puts the window together and reads this reader's share of the next. */
  private Future<Window> assembled(BatchPosition window) {
    List<byte[]> shares = readers.exchange("examples of epoch %d, window %d".formatted(window.epoch(), window.window()), await(share));
    Future<Window> assembled = background.submit(() -> loader.assemble(window.epoch(), window.window(), shares));
    BatchPosition next = windowAfter(window);
    share = next == null ? null : background.submit(() -> loader.share(next.epoch(), next.window()));
    return assembled;
  }

  private <T> T await(Future<T> loaded) {
    try {
      return loaded.get(LOAD_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InvalidInputException invalid) {
        throw new InvalidInputException(invalid.getMessage(), e);
      }
      if (e.getCause() instanceof IOException io) {
        throw new UncheckedIOException("Cannot read the shards of " + dataFolder + ": " + io.getMessage(), io);
      }
      throw new IllegalStateException("Cannot read the shards of " + dataFolder + ": " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new IllegalStateException("Reading " + dataFolder + " at " + position + " took more than " + LOAD_TIMEOUT_SECONDS
        + " s; look at the file system", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for " + dataFolder + " at " + position, e);
    }
  }

  private static InvalidInputException noSuchPosition(Path dataFolder, BatchPosition position) {
    return new InvalidInputException("No batch at epoch " + position.epoch() + ", window " + position.window() + ", batch "
      + position.batch() + " in " + dataFolder
      + "; the data, batch-tokens or shuffle-window differ from those of the run that is resumed");
  }
}
