package io.sparkformer.jobs.parameterserver;

import io.sparkformer.jobs.transport.WorkerThreads;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.AdamSettings;
import io.sparkformer.model.optimizer.LearningRateSchedule;
import java.util.Arrays;
import java.util.List;

/** Times the average-and-update step in one JVM. Arguments: parameters, workers, threads per worker. */
public final class StepTiming {
  private static final int WARM_UP = 10;
  private static final int MEASURED = 20;

  private StepTiming() { }

  /** Prints the best and the median time of a step. */
  public static void main(String[] arguments) throws InterruptedException {
    int parameters = Integer.parseInt(arguments[0]);
    int workers = Integer.parseInt(arguments[1]);
    int threads = Integer.parseInt(arguments[2]);
    UpdateSettings settings = new UpdateSettings(new AdamSettings(0.9, 0.98, 1e-9), new LearningRateSchedule.Constant(1e-4, 0), 1.0, 1);
    List<long[]> nanos = WorkerThreads.results(workers, transport -> {
      FloatRegion weights = FloatRegion.allocate(parameters);
      FloatRegion gradient = FloatRegion.allocate(parameters);
      float[] some = new float[4096];
      for (int i = 0; i < some.length; i++) {
        some[i] = 0.001f * (i % 97 - 48);
      }
      long[] times = new long[MEASURED];
      try (ParallelBlocks blocks = new ParallelBlocks(threads)) {
        ParameterServer server = new ParameterServer(transport, weights, gradient, settings, blocks);
        for (int step = 1; step <= WARM_UP + MEASURED; step++) {
          for (long from = 0; from < parameters; from += some.length) {
            gradient.write(from, some, (int) Math.min(some.length, parameters - from));
          }
          transport.exchange(step, "start", new byte[0]);
          long start = System.nanoTime();
          server.step(step, 1, 1000);
          transport.exchange(step, "end", new byte[0]);
          if (step > WARM_UP) {
            times[step - WARM_UP - 1] = System.nanoTime() - start;
          }
        }
      }
      return times;
    });
    long[] times = nanos.get(0);
    Arrays.sort(times);
    System.out.printf("parameters=%d workers=%d threads=%d best_ms=%.1f median_ms=%.1f%n", parameters, workers, threads,
        times[0] / 1e6, times[MEASURED / 2] / 1e6);
  }
}
