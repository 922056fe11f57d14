package io.sparkformer.model.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs a loop over a flat array in blocks of fixed size on a fixed number of threads, of which the caller is one.
 *
 * <p>Where the blocks begin depends on the length alone, never on the threads: a body that treats each element by itself, or leaves one
 * result per block, gives the same answer on any number of threads.
 */
public final class ParallelBlocks implements AutoCloseable {
  /** Elements of a block: 256 KB of floats, enough work to be worth a hand-over. */
  public static final int BLOCK_LENGTH = 1 << 16;

  private final int threads;
  private final ExecutorService pool;

  /** What is done with one block. */
  @FunctionalInterface
  public interface Body {
    /**
     * Works on the elements {@code [from, to)}.
     *
     * @param block index of the block, from 0
     */
    void run(int block, long from, long to);
  }

  /**
   * @param threads how many threads work together, at least 1; 1 starts none
   */
  public ParallelBlocks(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("Invalid number of threads: " + threads + " (must be >= 1)");
    }
    this.threads = threads;
    this.pool = threads == 1 ? null : Executors.newFixedThreadPool(threads - 1, task -> {
      Thread thread = new Thread(task, "sparkformer-blocks");
      thread.setDaemon(true);
      return thread;
    });
  }

  /** Number of blocks in an array of {@code length} elements. */
  public static int count(long length) {
    return Math.toIntExact((length + BLOCK_LENGTH - 1) / BLOCK_LENGTH);
  }

  /** Runs {@code body} on every block of {@code [0, length)} and returns when all are done; what a body throws is thrown here. */
  public void run(long length, Body body) {
    int blocks = count(length);
    AtomicInteger next = new AtomicInteger();
    Runnable worker = () -> {
      for (int block = next.getAndIncrement(); block < blocks; block = next.getAndIncrement()) {
        long from = (long) block * BLOCK_LENGTH;
        body.run(block, from, Math.min(length, from + BLOCK_LENGTH));
      }
    };
    int helpers = Math.min(threads, blocks) - 1;
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < helpers; i++) {
      running.add(pool.submit(worker));
    }
    try {
      worker.run();
    } finally {
      running.forEach(ParallelBlocks::finish);
    }
  }

  private static void finish(Future<?> helper) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          helper.get();
          return;
        } catch (InterruptedException e) {
          // The memory is in use until the helper is done: wait on, and pass the interruption on afterwards.
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("A block of a flat array failed: " + e.getCause(), e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    if (pool != null) {
      pool.shutdown();
    }
  }
}
