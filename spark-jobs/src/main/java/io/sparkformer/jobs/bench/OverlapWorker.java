package io.sparkformer.jobs.bench;

import io.sparkformer.jobs.parameterserver.ParameterServer;
import io.sparkformer.jobs.parameterserver.UpdateSettings;
import io.sparkformer.jobs.trace.PhaseClock;
import io.sparkformer.jobs.trace.TimedTransport;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.KernelSelection;
import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.AdamSettings;
import io.sparkformer.model.optimizer.LearningRateSchedule;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.nd4j.linalg.factory.Nd4j;

/** One worker that trains the paper's network on random sentences of 32 tokens, with one thread. */
final class OverlapWorker {
  static final int TIME = 32;
  private static final int WARM_UP_STEPS = 2;

  private OverlapWorker() {}

  /**
   * Trains some steps; gradients leave and parameters come while the network computes.
   *
   * @return of the median step: the whole, and of it the time in which the worker waited in the transport
   */
  static SyncTimes run(Transport transport, int dModel, int layers, int vocabulary, int sentences, int steps) {
    Nd4j.getEnvironment().setMaxThreads(1);
    NetworkConfig config = BenchNetwork.paper(dModel, layers, vocabulary, 512);
    TransformerModel model = TransformerModel.create(config, KernelSelection.select(KernelChoice.AUTO, Precision.FLOAT32, 1));
    UpdateSettings settings = new UpdateSettings(new AdamSettings(0.9, 0.98, 1e-9), new LearningRateSchedule.Constant(1e-4, 0), 1, 1);
    PhaseClock clock = new PhaseClock();
    Transport timed = new TimedTransport(transport, clock);
    SyncTimes[] times = new SyncTimes[steps];
    try (ParallelBlocks blocks = new ParallelBlocks(1)) {
      ParameterServer server = new ParameterServer(timed, FloatRegion.of(model.parameters()), FloatRegion.of(model.gradients()), settings,
          blocks, model.kernels()::slice);
      Random random = new Random(1 + transport.rank());
      for (int i = 0; i < WARM_UP_STEPS + steps; i++) {
        long step = i + 1;
        Batch batch = BenchNetwork.PAIRS.batch(sentences(random, sentences, vocabulary), sentences(random, sentences, vocabulary), 0, 0);
        clock.take();
        long start = System.nanoTime();
        model.clearGradients();
        Loss loss = model.accumulateGradient(batch, i, server.during(step)).only();
        server.update(step, loss.smoothed(), loss.tokens());
        model.parametersChanged();
        if (i >= WARM_UP_STEPS) {
          times[i - WARM_UP_STEPS] = new SyncTimes((System.nanoTime() - start) / 1e9, SyncTimes.transportSeconds(clock), 0, 0, 0);
        }
      }
      server.awaitParameters();
    }
    return SyncTimes.median(times);
  }

  private static List<int[]> sentences(Random random, int count, int vocabulary) {
    return IntStream.range(0, count).mapToObj(i -> random.ints(TIME - 1L, 5, vocabulary).toArray()).toList();
  }
}
