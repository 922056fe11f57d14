package io.sparkformer.model.kernel.cpu.memory;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * The threads of one worker: the caller and its helpers, each of which takes the next part of a loop until none is left. Products
 * run inside a part, on one OpenMP thread, so that several teams in one process keep to their own number of threads.
 *
 * <p>A kernel has several loops, and to wake a sleeping thread takes longer than some of them: helpers, and a caller whose last part is
 * under way at a helper, look out for a fraction of a millisecond before they sleep. Helpers end by themselves when there has been nothing
 * to do for a while, so a team needs no closing.
 */
public final class Team {
  private static final long IDLE_SECONDS = 20;
  /** How long a thread looks out for work before it sleeps. */
  private static final long LOOKOUT_NANOSECONDS = 200_000;

  private static final ThreadLocal<Boolean> ONE_THREAD = new ThreadLocal<>();

  /** One part of a loop. */
  @FunctionalInterface
  public interface Part {
    void run(int part);
  }

  private final int threads;
  private final ThreadPoolExecutor helpers;
  /** Helpers that are awake: at work, or looking out for the next loop. */
  private final AtomicInteger awake = new AtomicInteger();
  /** The loop under way; null between loops. */
  private volatile Loop current;

  /** @param threads of the team, the caller's included; at least 1 */
  public Team(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("Invalid number of threads: %d (must be >= 1)".formatted(threads));
    }
    this.threads = threads;
    if (threads == 1) {
      helpers = null;
    } else {
      helpers = new ThreadPoolExecutor(threads - 1, threads - 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
        Thread thread = new Thread(task, "sparkformer-kernels");
        thread.setDaemon(true);
        return thread;
      });
      helpers.allowCoreThreadTimeOut(true);
    }
  }

  /** How many threads there are, the caller's included. */
  public int threads() {
    return threads;
  }

  /** Makes oneDNN compute on the calling thread alone. OpenMP's number of threads is a property of the thread that calls. */
  public static void useOneThread() {
    if (ONE_THREAD.get() == null) {
      // The native operations are there once ND4J has chosen its backend.
      Nd4j.getBackend();
      NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
      ONE_THREAD.set(true);
    }
  }

  /** Runs {@code parts} parts and returns when all are done; what a part throws is thrown here. */
  public void run(int parts, Part body) {
    if (parts == 0) {
      return;
    }
    useOneThread();
    if (threads == 1 || parts == 1) {
      for (int part = 0; part < parts; part++) {
        body.run(part);
      }
      return;
    }
    Loop loop = new Loop(parts, body);
    current = loop;
    for (int helper = awake.get() + 1; helper < Math.min(threads, parts); helper++) {
      awake.incrementAndGet();
      helpers.execute(this::help);
    }
    loop.run();
    current = null;
    loop.await();
  }

  /** A part of one of several loops. */
  @FunctionalInterface
  public interface PartOf {
    void run(int loop, int part);
  }

  /** Runs several loops as one, so that threads find enough to do: {@code counts[i]} parts of loop {@code i}. */
  public void run(int[] counts, PartOf body) {
    int[] first = new int[counts.length + 1];
    for (int i = 0; i < counts.length; i++) {
      first[i + 1] = first[i] + counts[i];
    }
    run(first[counts.length], part -> {
      int loop = 0;
      while (part >= first[loop + 1]) {
        loop++;
      }
      body.run(loop, part - first[loop]);
    });
  }

  /** Takes part in one loop after another, until none has come for a while. */
  private void help() {
    Loop last = null;
    boolean comes;
    do {
      long since = System.nanoTime();
      while (System.nanoTime() - since < LOOKOUT_NANOSECONDS) {
        Loop loop = current;
        if (loop == null || loop == last) {
          Thread.onSpinWait();
          continue;
        }
        last = loop;
        loop.run();
        since = System.nanoTime();
      }
      awake.decrementAndGet();
      // A caller that set the next loop before it read the count has not woken this helper.
      Loop loop = current;
      comes = loop != null && loop != last;
      if (comes) {
        awake.incrementAndGet();
      }
    } while (comes);
  }

  /** A loop under way. A helper that comes too late finds no part left, and touches nothing. */
  private static final class Loop implements Runnable {
    private final int parts;
    private final Part body;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final CountDownLatch left;

    Loop(int parts, Part body) {
      this.parts = parts;
      this.body = body;
      this.left = new CountDownLatch(parts);
    }

    @Override
    public void run() {
      useOneThread();
      for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
        try {
          if (failure.get() == null) {
            body.run(part);
          }
        } catch (RuntimeException | Error e) {
          failure.compareAndSet(null, e);
        } finally {
          left.countDown();
        }
      }
    }

    void await() {
      long since = System.nanoTime();
      while (left.getCount() > 0 && System.nanoTime() - since < LOOKOUT_NANOSECONDS) {
        Thread.onSpinWait();
      }
      boolean interrupted = false;
      while (true) {
        try {
          left.await();
          break;
        } catch (InterruptedException e) {
          // The arrays are in use until every part is done: wait on, and pass the interruption on afterwards.
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (failure.get() != null) {
        throw new IllegalStateException("A part of a kernel failed: " + failure.get(), failure.get());
      }
    }
  }
}
