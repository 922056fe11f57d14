package io.sparkformer.jobs.bench;

import io.sparkformer.jobs.parameterserver.ParameterServer;
import io.sparkformer.jobs.parameterserver.UpdateSettings;
import io.sparkformer.jobs.transport.Membership;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.jobs.transport.WorkerTransport;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.KernelSelection;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.Processors;
import io.sparkformer.model.kernel.profile.KernelProfile;
import io.sparkformer.model.kernel.profile.KernelProfile.Times;
import io.sparkformer.model.kernel.profile.ProfiledKernels;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.AdamSettings;
import io.sparkformer.model.optimizer.LearningRateSchedule;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Whole training steps on random full-length batches, as one worker makes them: forward, backward, and the parameter server's step with
 * Adam.
 */
record TrainBench(Workload workload, int steps, Processors processors, Precision precision) {
  /**
   * Prints a line per step, and a last one with the fastest; a warming step comes first and does not count.
   *
   * @param profiled whether to print also how long each kind of kernel took
   */
  void run(PrintWriter out, boolean profiled) {
    Nd4j.getEnvironment().setMaxThreads(processors.threads());
    KernelProfile profile = new KernelProfile();
    Kernels kernels = KernelSelection.select(KernelChoice.AUTO, precision, processors);
    TransformerModel model = TransformerModel.create(workload.network(), profiled ? new ProfiledKernels(kernels, profile) : kernels);
    long network = 0;
    long update = 0;
    UpdateSettings updates = new UpdateSettings(new AdamSettings(0.9, 0.98, 1e-9), new LearningRateSchedule.Constant(1e-4, 0), 0, 1);
    double[] seconds = new double[steps];
    try (Transport alone = WorkerTransport.inProcess(new Membership("bench", 0, 0, 1, Duration.ofMinutes(1)));
        ParallelBlocks blocks = new ParallelBlocks(processors.threads())) {
      ParameterServer server = new ParameterServer(alone, FloatRegion.of(model.parameters()), FloatRegion.of(model.gradients()), updates,
          blocks, model.kernels()::slice);
      Random random = new Random(1);
      for (int step = 0; step <= steps; step++) {
        Batch tokens = workload.batches().apply(random);
        long start = System.nanoTime();
        model.clearGradients();
        Loss loss = model.accumulateGradient(tokens, step).only();
        long computed = System.nanoTime();
        server.step(step + 1L, loss.smoothed(), loss.tokens());
        model.parametersChanged();
        long end = System.nanoTime();
        double elapsed = (end - start) / 1e9;
        out.printf(Locale.ROOT, "step %d: %.0f ms, loss %.4f%s%n", step, elapsed * 1e3, loss.smoothed() / loss.tokens(),
            step == 0 ? " (warming, not counted)" : "");
        out.flush();
        if (step > 0) {
          seconds[step - 1] = elapsed;
          network += computed - start;
          update += end - computed;
        } else {
          profile.clear();
        }
      }
    }
    Arrays.sort(seconds);
    int tokens = workload.batch() * workload.time();
    out.printf(Locale.ROOT, "sparkformer %s | %s batch=%d time=%d parameters=%.1fM | step_ms=%.0f median_step_ms=%.0f "
        + "target_tokens_per_s=%.0f%n", model.kernels().description(), workload.name(), workload.batch(), workload.time(),
        model.parameters().length() / 1e6, seconds[0] * 1e3, seconds[steps / 2] * 1e3, tokens / seconds[0]);
    if (profiled) {
      print(out, profile, network, update);
    }
    out.flush();
  }

  /** Times of all counted steps; what the kernels did not take of the network's time, DL4J and clearing the gradient did. */
  private void print(PrintWriter out, KernelProfile profile, long network, long update) {
    out.printf(Locale.ROOT, "%-26s %8s %8s %8s %6s   (ms per step, mean of %d)%n", "kernel", "forward", "backward", "both", "share", steps);
    long all = network + update;
    long kernels = 0;
    for (Map.Entry<String, Times> kind : new TreeMap<>(profile.times()).entrySet()) {
      Times times = kind.getValue();
      kernels += times.nanos();
      out.printf(Locale.ROOT, "%-26s %8.0f %8.0f %8.0f %5.1f%%%n", kind.getKey(), milliseconds(times.forwardNanos()),
          milliseconds(times.backwardNanos()), milliseconds(times.nanos()), 100.0 * times.nanos() / all);
    }
    out.printf(Locale.ROOT, "%-26s %26.0f %5.1f%%%n", "graph, clearing", milliseconds(network - kernels),
        100.0 * (network - kernels) / all);
    out.printf(Locale.ROOT, "%-26s %26.0f %5.1f%%%n", "norm of gradient, Adam", milliseconds(update), 100.0 * update / all);
  }

  private double milliseconds(long nanos) {
    return nanos / 1e6 / steps;
  }
}
