package io.sparkformer.jobs.bench;

import io.sparkformer.jobs.transport.Membership;
import io.sparkformer.jobs.transport.WorkerTransport;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Times the average-and-update step: between processes, within one, and as it grows with workers and parameters. */
record StepSyncBench(long parameters, int steps, PrintWriter out) {
  private static final int[] SCALING_WORKERS = {1, 2, 4, 8};
  private static final long[] SCALING_PARAMETERS = {10_000_000, 50_000_000, 200_000_000};

  /** Two processes of one core each over loopback, then two threads of this JVM. */
  void run() throws IOException {
    out.printf(Locale.ROOT, "step-sync | parameters=%.1fM | 2 workers of 1 thread | median of %d steps%n", parameters / 1e6, steps);
    SyncTimes apart = apart(2, 0);
    print("loopback", 2, apart);
    SyncTimes together = together(2, parameters);
    print("one_jvm", 2, together);
    out.printf(Locale.ROOT, "payload_gb_per_s=%.2f hand_over_ms=%.0f%n", apart.gigabytesPerSecond(), together.transportSeconds() * 1e3);
    out.flush();
  }

  /** Workers as threads of this JVM, from small to large. */
  void scaling() {
    for (long size : SCALING_PARAMETERS) {
      for (int workers : SCALING_WORKERS) {
        SyncTimes times = together(workers, size);
        long formula = 2 * size * (workers - 1) / workers * Float.BYTES;
        out.printf(Locale.ROOT, "scaling | parameters=%dM workers=%d | step_ms=%.1f transport_ms=%.1f | sent_mb=%.1f received_mb=%.1f "
            + "formula_mb=%.1f%n", size / 1_000_000, workers, times.seconds() * 1e3, times.transportSeconds() * 1e3,
            times.sentBytes() / 1e6, times.receivedBytes() / 1e6, formula / 1e6);
        out.flush();
      }
    }
  }

  private SyncTimes apart(int workers, double bitsPerSecond) throws IOException {
    List<String> lines = WorkerProcesses.run(workers, bitsPerSecond, List.of(Long.toString(parameters), Integer.toString(steps)));
    return SyncTimes.parse(lines.get(0));
  }

  private SyncTimes together(int workers, long size) {
    String run = UUID.randomUUID().toString();
    ExecutorService pool = Executors.newFixedThreadPool(workers);
    try {
      List<Future<SyncTimes>> futures = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        Membership worker = new Membership(run, 0, i, workers, Duration.ofMinutes(2));
        futures.add(pool.submit(() -> {
          try (WorkerTransport transport = WorkerTransport.inProcess(worker)) {
            return SyncWorker.run(transport, size, steps);
          }
        }));
      }
      return futures.get(0).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("A worker failed: " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted", e);
    } finally {
      pool.shutdown();
    }
  }

  private void print(String where, int workers, SyncTimes times) {
    out.printf(Locale.ROOT, "%s | workers=%d | step_ms=%.1f transport_ms=%.1f cpu_ms=%.1f | sent_mb=%.1f received_mb=%.1f | "
        + "payload_gb_per_s=%.2f%n", where, workers, times.seconds() * 1e3, times.transportSeconds() * 1e3,
        times.processorSeconds() * 1e3, times.sentBytes() / 1e6, times.receivedBytes() / 1e6, times.gigabytesPerSecond());
    out.flush();
  }
}
