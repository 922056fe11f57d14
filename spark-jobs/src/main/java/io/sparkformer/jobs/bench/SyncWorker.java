package io.sparkformer.jobs.bench;

import com.sun.management.OperatingSystemMXBean;
import io.sparkformer.jobs.parameterserver.ParameterServer;
import io.sparkformer.jobs.parameterserver.UpdateSettings;
import io.sparkformer.jobs.trace.PhaseClock;
import io.sparkformer.jobs.trace.TimedTransport;
import io.sparkformer.jobs.transport.Traffic;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.jobs.transport.WorkerTransport;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.AdamSettings;
import io.sparkformer.model.optimizer.LearningRateSchedule;
import java.lang.management.ManagementFactory;

/** One worker that only averages and updates: no network, one thread. */
final class SyncWorker {
  /** Warm-up steps for the JIT compilers, which use the same core as the step. */
  private static final long WARM_UP_PARAMETERS = 2_000_000_000L;
  private static final int LEAST_WARM_UP_STEPS = 5;

  private SyncWorker() {}

  /**
   * Runs the average-and-update step again and again; all workers begin each together.
   *
   * @return of the step with the median time
   */
  static SyncTimes run(WorkerTransport transport, long parameters, int steps) {
    FloatRegion weights = FloatRegion.allocate(parameters);
    FloatRegion gradient = FloatRegion.allocate(parameters);
    UpdateSettings settings = new UpdateSettings(new AdamSettings(0.9, 0.98, 1e-9), new LearningRateSchedule.Constant(1e-4, 0), 1, 1);
    SyncTimes[] times = new SyncTimes[steps];
    int warmUp = (int) Math.max(LEAST_WARM_UP_STEPS, WARM_UP_PARAMETERS / parameters);
    PhaseClock clock = new PhaseClock();
    Transport timed = new TimedTransport(transport, clock);
    try (ParallelBlocks blocks = new ParallelBlocks(1)) {
      ParameterServer server = new ParameterServer(timed, weights, gradient, settings, blocks);
      float[] some = new float[4096];
      for (int i = 0; i < some.length; i++) {
        some[i] = 1e-3f * (i % 97 - 48);
      }
      for (int step = 1; step <= warmUp + steps; step++) {
        for (long from = 0; from < parameters; from += some.length) {
          gradient.write(from, some, (int) Math.min(some.length, parameters - from));
        }
        transport.exchange(step, "start", new byte[0]);
        Traffic before = transport.traffic();
        clock.take();
        long processor = processorNanos();
        long start = System.nanoTime();
        server.step(step, 1, 1000);
        double seconds = (System.nanoTime() - start) / 1e9;
        Traffic moved = transport.traffic().since(before);
        if (step > warmUp) {
          times[step - warmUp - 1] = new SyncTimes(seconds, SyncTimes.transportSeconds(clock),
              (processorNanos() - processor) / 1e9, moved.sentBytes(), moved.receivedBytes());
        }
      }
    }
    return SyncTimes.median(times);
  }

  private static long processorNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }
}
