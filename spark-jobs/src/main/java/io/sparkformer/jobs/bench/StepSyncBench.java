package io.sparkformer.jobs.bench;

import io.sparkformer.jobs.transport.Membership;
import io.sparkformer.jobs.transport.WirePrecision;
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

/**
 * Times the exchange of gradients and parameters: between processes, within one, on a slow link beside a training network, and as it
 * grows with workers and parameters.
 *
 * @param precision of what travels
 * @param sentences of 32 tokens in each worker's batch, where a network trains
 */
record StepSyncBench(int dModel, int layers, int vocabulary, int sentences, int steps, WirePrecision precision,
    PrintWriter out) {
  private static final double SLOW_LINK = 2e9;
  private static final int[] SCALING_WORKERS = {1, 2, 4, 8};
  private static final long[] SCALING_PARAMETERS = {10_000_000, 50_000_000, 200_000_000};
  private static final double[] PREDICTED_LINKS = {10e9, 25e9, 100e9};
  private static final int[] PREDICTED_WORKERS = {1, 2, 4, 8, 16, 32, 64, 128, 256};

  /** Two processes of one core each over loopback, two threads of this JVM, and two processes that train over a slow link. */
  void run() throws IOException {
    out.printf(Locale.ROOT, "step-sync | parameters=%.1fM | 2 workers of 1 thread | %s on the wire | median of %d steps%n",
        parameters() / 1e6, precision, steps);
    SyncTimes apart = apart(0);
    print("loopback", apart);
    SyncTimes together = together(2, parameters());
    print("one_jvm", together);
    SyncTimes training = training(SLOW_LINK);
    double transfer = StepModel.bytesPerWorker(parameters(), 2, precision.bytes()) * Byte.SIZE / SLOW_LINK;
    double hidden = 1 - training.transportSeconds() / transfer;
    out.printf(Locale.ROOT, "link_2gbps | training, %d tokens | step_ms=%.0f compute_ms=%.0f exposed_ms=%.0f transfer_ms=%.0f "
        + "exposed_to_compute=%.2f hidden=%.2f%n", sentences * OverlapWorker.TIME, training.seconds() * 1e3,
        (training.seconds() - training.transportSeconds()) * 1e3, training.transportSeconds() * 1e3, transfer * 1e3,
        training.transportSeconds() / (training.seconds() - training.transportSeconds()), hidden);
    out.printf(Locale.ROOT, "payload_gb_per_s=%.2f hand_over_ms=%.0f hidden=%.2f%n", apart.gigabytesPerSecond(),
        together.transportSeconds() * 1e3, hidden);
    out.flush();
  }

  /** Workers as threads of this JVM, from small to large, beside the prediction from the smallest size. */
  void scaling() {
    int cores = Runtime.getRuntime().availableProcessors();
    Costs costs = costs(cores);
    for (long size : SCALING_PARAMETERS) {
      for (int workers : SCALING_WORKERS) {
        SyncTimes times = together(workers, size);
        double predicted = StepModel.oneJvmSeconds(size, workers, cores, costs.update, costs.contribution);
        out.printf(Locale.ROOT, "scaling | parameters=%dM workers=%d | step_ms=%.1f predicted_ms=%.1f | sent_mb=%.1f received_mb=%.1f "
            + "formula_mb=%.1f%n", size / 1_000_000, workers, times.seconds() * 1e3, predicted * 1e3,
            times.sentBytes() / 1e6, times.receivedBytes() / 1e6, StepModel.bytesPerWorker(size, workers, Float.BYTES) / 1e6);
        out.flush();
      }
    }
  }

  /** Measures what the model is made of, checks it on the slow link, and predicts faster links and more workers. */
  void model() throws IOException {
    Costs costs = costs(Runtime.getRuntime().availableProcessors());
    SyncTimes apart = apart(0);
    double own = parameters() / 2.0 * (costs.update + costs.contribution);
    double network = Math.max(0, apart.processorSeconds() - own) / (apart.sentBytes() + apart.receivedBytes());
    SyncTimes training = training(0);
    SyncTimes slow = training(SLOW_LINK);
    StepModel half = new StepModel(parameters(), (long) vocabulary * dModel, 0, costs.update, costs.contribution, precision.bytes(),
        network);
    double compute = Math.max(0, training.seconds() - training.transportSeconds() - half.exchangeSeconds(2));
    StepModel model = new StepModel(parameters(), (long) vocabulary * dModel, compute, costs.update, costs.contribution,
        precision.bytes(), network);
    out.printf(Locale.ROOT, "model | parameters=%.1fM | compute_ms=%.0f update_ns=%.2f contribution_ns=%.2f network_ns_per_byte=%.2f%n",
        parameters() / 1e6, compute * 1e3, costs.update * 1e9, costs.contribution * 1e9, network * 1e9);
    out.printf(Locale.ROOT, "check | 2 workers at 2 Gb/s | step_ms=%.0f predicted_ms=%.0f | exposed_ms=%.0f predicted_ms=%.0f%n",
        slow.seconds() * 1e3, model.stepSeconds(2, SLOW_LINK) * 1e3, slow.transportSeconds() * 1e3,
        model.exposedSeconds(2, SLOW_LINK) * 1e3);
    for (double link : PREDICTED_LINKS) {
      for (int workers : PREDICTED_WORKERS) {
        double step = model.stepSeconds(workers, link);
        out.printf(Locale.ROOT, "predicted | gbps=%.0f workers=%d | step_ms=%.0f exposed_ms=%.0f | target_tokens_per_s=%.0f "
            + "efficiency=%.2f%n", link / 1e9, workers, step * 1e3, workers == 1 ? 0 : model.exposedSeconds(workers, link) * 1e3,
            workers * sentences * OverlapWorker.TIME / step, model.stepSeconds(1, link) / step);
      }
    }
    out.flush();
  }

  /** Seconds for one parameter. */
  private record Costs(double update, double contribution) { }

  private Costs costs(int cores) {
    long size = SCALING_PARAMETERS[0];
    int many = SCALING_WORKERS[SCALING_WORKERS.length - 1];
    double update = together(1, size).seconds() / size;
    double all = together(many, size).seconds() * Math.min(many, cores) / size;
    return new Costs(update, Math.max(0, (all - update) / (many - 1)));
  }

  private long parameters() {
    return StepSyncCommand.parameters(dModel, layers, vocabulary);
  }

  private SyncTimes apart(double bitsPerSecond) throws IOException {
    return processes(bitsPerSecond, List.of(precision.toString(), WorkerProcess.SYNC, Long.toString(parameters()),
        Integer.toString(steps)));
  }

  private SyncTimes training(double bitsPerSecond) throws IOException {
    return processes(bitsPerSecond, List.of(precision.toString(), WorkerProcess.TRAIN, Integer.toString(dModel),
        Integer.toString(layers), Integer.toString(vocabulary), Integer.toString(sentences), Integer.toString(steps)));
  }

  /** The slower of two processes. */
  private static SyncTimes processes(double bitsPerSecond, List<String> arguments) throws IOException {
    List<SyncTimes> times = WorkerProcesses.run(2, bitsPerSecond, arguments).stream().map(SyncTimes::parse).toList();
    return times.get(0).seconds() > times.get(1).seconds() ? times.get(0) : times.get(1);
  }

  private SyncTimes together(int workers, long size) {
    String run = UUID.randomUUID().toString();
    ExecutorService pool = Executors.newFixedThreadPool(workers);
    try {
      List<Future<SyncTimes>> futures = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        Membership worker = new Membership(run, 0, i, workers, Duration.ofMinutes(2), precision);
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

  private void print(String where, SyncTimes times) {
    out.printf(Locale.ROOT, "%s | step_ms=%.1f transport_ms=%.1f cpu_ms=%.1f | sent_mb=%.1f received_mb=%.1f | payload_gb_per_s=%.2f%n",
        where, times.seconds() * 1e3, times.transportSeconds() * 1e3, times.processorSeconds() * 1e3, times.sentBytes() / 1e6,
        times.receivedBytes() / 1e6, times.gigabytesPerSecond());
    out.flush();
  }
}
