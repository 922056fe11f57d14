package io.sparkformer.jobs.bench;

import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.decode.BeamSearch;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.decode.Hypothesis;
import io.sparkformer.model.decode.Session;
import io.sparkformer.model.decode.TranslationBatches;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.KernelSelection;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.profile.KernelProfile;
import io.sparkformer.model.kernel.profile.ProfiledKernels;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Translating with the real search and a network of random weights: every translation has the same number of tokens, since the end token
 * is held back until then. Several workers share the sentences, as the tasks of an executor do, each with a network over the same
 * parameters.
 *
 * @param source tokens of each sentence, without the end token
 * @param target tokens of each translation
 * @param batch sentences that a worker decodes together
 * @param threads of each worker
 */
record DecodeBench(NetworkConfig network, int sentences, int source, int target, int batch, int beam, int workers, int threads,
    Precision precision) {
  private static final int FIRST_WORD = 5;

  /** A worker's network, search, and profile. */
  private record Worker(BeamSearch search, KernelProfile profile) {}

  /** Prints the rate of every round and the median; a warming round comes first and does not count. */
  void run(PrintWriter out, int rounds, boolean profiled) {
    Nd4j.getEnvironment().setMaxThreads(threads);
    Random random = new Random(1);
    List<int[]> sources = IntStream.range(0, sentences).mapToObj(i -> random.ints(source, FIRST_WORD, network.vocabulary()).toArray())
        .toList();
    TransformerModel model = TransformerModel.create(network, KernelSelection.select(KernelChoice.AUTO, precision, threads));
    List<Worker> staff = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      KernelProfile profile = new KernelProfile();
      Kernels kernels = model.kernels().sharing();
      TransformerModel own = model.sharing(profiled ? new ProfiledKernels(kernels, profile) : kernels);
      staff.add(new Worker(new BeamSearch(new EndHeldBack(new Session(own, ControlTokens.STANDARD), ControlTokens.STANDARD.end(), target),
          new DecodingOptions(beam, 0, 1, 0, target)), profile));
    }
    double[] rates = new double[rounds];
    try (Pool pool = new Pool(Executors.newFixedThreadPool(workers))) {
      for (int round = 0; round <= rounds; round++) {
        staff.forEach(worker -> worker.profile.clear());
        long allocated = allocatedBytes();
        long processor = processorNanos();
        long start = System.nanoTime();
        long tokens = translate(pool.threads, staff, sources);
        double seconds = (System.nanoTime() - start) / 1e9;
        double busy = (processorNanos() - processor) / 1e9 / (workers * threads);
        out.printf(Locale.ROOT, "round %d: %.0f target tokens/s, %.0f by processor time, %.1f KB of heap a token%s%n", round,
            tokens / seconds, tokens / busy, (allocatedBytes() - allocated) / 1024.0 / tokens, round == 0 ? " (warming, not counted)" : "");
        out.flush();
        if (round > 0) {
          rates[round - 1] = tokens / seconds;
        }
        if (round == rounds && profiled) {
          print(out, staff, seconds);
        }
      }
    }
    Arrays.sort(rates);
    out.printf(Locale.ROOT, "sparkformer decode %s | beam=%d batch=%d workers=%dx%d | target_tokens_per_s=%.0f (median of %d)%n",
        model.kernels().description(), beam, batch, workers, threads, rates[rounds / 2], rounds);
    out.flush();
  }

  /** Of all threads. */
  private static long processorNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }

  /** Bytes that living threads have allocated on the heap. */
  private static long allocatedBytes() {
    com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds())).filter(bytes -> bytes > 0).sum();
  }

  /** Every worker takes each of its batches; gives the number of target tokens. */
  private long translate(ExecutorService pool, List<Worker> staff, List<int[]> sources) {
    List<Future<Long>> parts = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      Worker worker = staff.get(i);
      List<int[]> part = sources.subList(sentences * i / workers, sentences * (i + 1) / workers);
      parts.add(pool.submit(() -> {
        List<List<Hypothesis>> found = new TranslationBatches(batch * (source + 1) * beam, beam).translate(part, worker.search::translate);
        return found.stream().mapToLong(hypotheses -> hypotheses.get(0).tokens().length).sum();
      }));
    }
    long tokens = 0;
    for (Future<Long> part : parts) {
      try {
        tokens += part.get();
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException("A worker failed: " + e.getMessage(), e);
      }
    }
    if (tokens != (long) sentences * target) {
      throw new IllegalStateException("%d target tokens, expected %d sentences of %d".formatted(tokens, sentences, target));
    }
    return tokens;
  }

  private void print(PrintWriter out, List<Worker> staff, double seconds) {
    out.printf(Locale.ROOT, "%-26s %8s %6s   (ms of a round, mean of the workers)%n", "kernel", "time", "share");
    Map<String, Double> sums = new TreeMap<>();
    double kernels = 0;
    for (Worker worker : staff) {
      for (Map.Entry<String, KernelProfile.Times> kind : worker.profile.times().entrySet()) {
        double milliseconds = kind.getValue().nanos() / 1e6 / workers;
        sums.merge(kind.getKey(), milliseconds, Double::sum);
        kernels += milliseconds;
      }
    }
    sums.put("graph, search", seconds * 1e3 - kernels);
    sums.forEach((kind, time) -> out.printf(Locale.ROOT, "%-26s %8.0f %5.1f%%%n", kind, time, time / seconds / 10));
  }

  /** Threads that end with the benchmark. */
  private record Pool(ExecutorService threads) implements AutoCloseable {
    @Override
    public void close() {
      threads.shutdown();
    }
  }
}
