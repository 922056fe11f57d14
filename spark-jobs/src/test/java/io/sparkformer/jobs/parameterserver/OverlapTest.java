package io.sparkformer.jobs.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.jobs.transport.Membership;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.jobs.transport.WirePrecision;
import io.sparkformer.jobs.transport.WorkerThreads;
import io.sparkformer.jobs.transport.WorkerThreads.Link;
import io.sparkformer.jobs.transport.WorkerTransport;
import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.architecture.TransformerSettings;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.objective.SequenceToSequence;
import io.sparkformer.model.optimizer.AdamSettings;
import io.sparkformer.model.optimizer.LearningRateSchedule;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class OverlapTest {
  private static final int STEPS = 8;
  private static final UpdateSettings SETTINGS = new UpdateSettings(new AdamSettings(0.9, 0.98, 1e-9),
      new LearningRateSchedule.Constant(1e-3, 0), 1, 1);

  private static float[] train(Transport transport, boolean overlapped) {
    NetworkConfig config = new TransformerSettings(2, 2, 32, 2, 64, NormPosition.POST, Activation.RELU, TiedEmbeddings.ALL, 0.1, 0.1,
        0.1, 0.1, 64, 1e-5).config(60, new SpecialTokens(0, 1, 2), 1).network();
    TransformerModel model = TransformerModel.create(config, new CpuKernels(1));
    FloatRegion parameters = FloatRegion.of(model.parameters());
    try (ParallelBlocks blocks = new ParallelBlocks(1)) {
      ParameterServer server = new ParameterServer(transport, parameters, FloatRegion.of(model.gradients()), SETTINGS, blocks);
      for (long step = 1; step <= STEPS; step++) {
        model.clearGradients();
        Loss loss = Loss.ZERO;
        // In every third step the last worker has nothing to do.
        if (step % 3 != 0 || transport.rank() < transport.workers() - 1) {
          Batch batch = batch(step * 10 + transport.rank());
          loss = (overlapped ? model.accumulateGradient(batch, step, server.during(step)) : model.accumulateGradient(batch, step)).only();
        }
        if (overlapped) {
          server.update(step, loss.smoothed(), loss.tokens());
        } else {
          server.step(step, loss.smoothed(), loss.tokens());
        }
        model.parametersChanged();
      }
      server.awaitParameters();
    }
    return parameters.toArray();
  }

  private static Batch batch(long seed) {
    Random random = new Random(seed);
    List<int[]> sentences = IntStream.range(0, 6).mapToObj(i -> random.ints(3 + random.nextInt(5), 5, 60).toArray()).toList();
    return new SequenceToSequence(1, 2).batch(sentences.subList(0, 3), sentences.subList(3, 6), 0, 0);
  }

  @ParameterizedTest
  @CsvSource({"MEMORY, 2, FLOAT32", "SOCKETS, 2, FLOAT32", "SOCKETS, 3, FLOAT32", "PAIRS, 4, FLOAT32", "MEMORY, 2, BFLOAT16",
      "SOCKETS, 2, BFLOAT16", "PAIRS, 4, BFLOAT16"})
  void sendingWhileTheNetworkComputesChangesNoBit(Link link, int workers, WirePrecision precision) throws Exception {
    float[] oneAfterTheOther = WorkerThreads.results(Link.MEMORY, precision, workers, transport -> train(transport, false)).get(0);
    List<float[]> overlapped = WorkerThreads.results(link, precision, workers, transport -> train(transport, true));
    assertThat(overlapped).allSatisfy(parameters -> assertThat(parameters).isEqualTo(oneAfterTheOther));
  }

  @Test
  void rangeIsPushedOnceInAStep() {
    try (Transport transport = WorkerTransport.inProcess(new Membership(UUID.randomUUID().toString(), 0, 0, 1, Duration.ofSeconds(1)));
        ParallelBlocks blocks = new ParallelBlocks(1)) {
      ParameterServer server = new ParameterServer(transport, FloatRegion.allocate(50), FloatRegion.allocate(50), SETTINGS, blocks);
      server.push(4, new FlatRange(30, 40));
      server.push(4, new FlatRange(20, 30));
      assertThatThrownBy(() -> server.push(4, new FlatRange(39, 45))).isInstanceOf(IllegalArgumentException.class)
          .hasMessage("step 4: the gradient [39, 45) was pushed before, [30, 40)");
    }
  }
}
