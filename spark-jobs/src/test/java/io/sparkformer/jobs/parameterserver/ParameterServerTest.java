package io.sparkformer.jobs.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.jobs.transport.Membership;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.jobs.transport.TransportException;
import io.sparkformer.jobs.transport.WorkerThreads;
import io.sparkformer.jobs.transport.WorkerThreads.Link;
import io.sparkformer.jobs.transport.WirePrecision;
import io.sparkformer.jobs.transport.WorkerTransport;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.AdamSettings;
import io.sparkformer.model.optimizer.LearningRateSchedule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class ParameterServerTest {
  /** Sentences of a batch: each has its gradient, and goes to one worker. */
  private static final int SENTENCES = 30;
  private static final UpdateSettings SETTINGS = settings(1.0, 3);

  private static UpdateSettings settings(double clipNorm, int maxSkippedSteps) {
    return new UpdateSettings(new AdamSettings(0.9, 0.98, 1e-9), new LearningRateSchedule.InverseSquareRoot(0.01, 10), clipNorm,
        maxSkippedSteps);
  }

  /** One worker's network, as far as the parameter server sees it. */
  private static final class Network {
    final FloatRegion parameters;
    final FloatRegion gradient;

    Network(int length) {
      parameters = FloatRegion.copyOf(values(99, length));
      gradient = FloatRegion.allocate(length);
    }

    /** Sums the gradients of this worker's sentences of a batch; returns their number. */
    int backward(long step, Transport transport) {
      int from = SENTENCES * transport.rank() / transport.workers();
      int to = SENTENCES * (transport.rank() + 1) / transport.workers();
      float[] sum = new float[(int) gradient.length()];
      for (int sentence = from; sentence < to; sentence++) {
        float[] one = values(step * 1000 + sentence, sum.length);
        for (int i = 0; i < sum.length; i++) {
          sum[i] += one[i];
        }
      }
      gradient.write(0, sum, sum.length);
      return to - from;
    }
  }

  private record Trained(float[] parameters, List<StepResult> results) { }

  private static Trained train(Transport transport, int length, int steps) {
    Network network = new Network(length);
    List<StepResult> results = new ArrayList<>();
    try (ParallelBlocks blocks = new ParallelBlocks(1 + transport.rank() % 2)) {
      ParameterServer server = new ParameterServer(transport, network.parameters, network.gradient, SETTINGS, blocks);
      server.requireSameParameters(0);
      for (long step = 1; step <= steps; step++) {
        int tokens = network.backward(step, transport);
        results.add(server.step(step, 2.5 * tokens, tokens));
      }
    }
    return new Trained(network.parameters.toArray(), results);
  }

  @ParameterizedTest
  @CsvSource({"2, 1000", "3, 1000", "5, 1000", "3, 70001", "5, 17", "3, 1", "40, 100"})
  void anyNumberOfWorkersGivesTheSameParameters(int workers, int length) throws Exception {
    Trained alone = WorkerThreads.results(1, transport -> train(transport, length, 20)).get(0);
    List<Trained> together = WorkerThreads.results(workers, transport -> train(transport, length, 20));
    for (Trained worker : together) {
      // Every worker has the same bits; and those of a lone worker, up to the order of additions.
      assertThat(worker.parameters).isEqualTo(together.get(0).parameters);
      assertThat(worker.results).isEqualTo(together.get(0).results);
      // (Adam divides by the gradient's own size: where that is tiny, the order of additions shows.)
      double[] differences = differences(worker.parameters, alone.parameters);
      assertThat(Arrays.stream(differences).max().orElseThrow()).isLessThan(1e-4);
      assertThat(Arrays.stream(differences).average().orElseThrow()).isLessThan(2e-7);
    }
    for (int step = 0; step < 20; step++) {
      StepResult one = alone.results.get(step);
      StepResult many = together.get(0).results.get(step);
      assertThat(many.step()).isEqualTo(step + 1);
      assertThat(many.targetTokens()).isEqualTo(SENTENCES).isEqualTo(one.targetTokens());
      assertThat(many.loss()).isCloseTo(2.5, within(1e-12));
      assertThat(many.gradientNorm()).isCloseTo(one.gradientNorm(), within(1e-5 * one.gradientNorm()));
      assertThat(many.learningRate()).isEqualTo(SETTINGS.schedule().rate(step + 1));
      assertThat(many.skipped()).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({"SOCKETS, 2, 1000", "SOCKETS, 3, 70001", "SOCKETS, 4, 17", "PAIRS, 4, 5000"})
  void workersApartGetTheSameBitsAsWorkersOfOneProcess(Link link, int workers, int length) throws Exception {
    List<Trained> together = WorkerThreads.results(workers, transport -> train(transport, length, 20));
    List<Trained> apart = WorkerThreads.results(link, workers, transport -> train(transport, length, 20));
    for (int rank = 0; rank < workers; rank++) {
      assertThat(apart.get(rank).parameters).isEqualTo(together.get(0).parameters);
      assertThat(apart.get(rank).results).isEqualTo(together.get(0).results);
    }
  }

  @Test
  void gradientIsAveragedClippedAndApplied() throws Exception {
    WorkerThreads.results(2, transport -> {
      FloatRegion parameters = FloatRegion.allocate(20);
      FloatRegion gradient = FloatRegion.allocate(20);
      // Sum over both workers: 30 and 40 at two places; mean over 10 tokens: 3 and 4; norm: 5.
      gradient.write(2, new float[] {transport.rank() == 0 ? 10 : 20}, 1);
      gradient.write(18, new float[] {transport.rank() == 0 ? 45 : -5}, 1);
      try (ParallelBlocks blocks = new ParallelBlocks(1)) {
        ParameterServer server = new ParameterServer(transport, parameters, gradient, settings(2.0, 3), blocks);
        StepResult result = server.step(1, transport.rank() == 0 ? 7.0 : 8.0, transport.rank() == 0 ? 0 : 10);
        assertThat(result.gradientNorm()).isCloseTo(5.0, within(1e-9));
        assertThat(result.loss()).isCloseTo(1.5, within(1e-12));
        assertThat(result.targetTokens()).isEqualTo(10);
        // Adam's first mean: a tenth of the gradient, clipped to norm 2.
        float clipped = (transport.rank() == 0 ? 3f : 4f) * 2 / 5;
        assertThat(server.adam().firstMoment().at(2)).isCloseTo(clipped / 10, within(1e-5f));
        assertThat(parameters.at(2)).isCloseTo(-0.001f, within(1e-6f));
        assertThat(parameters.at(18)).isCloseTo(-0.001f, within(1e-6f));
        assertThat(parameters.at(3)).isZero();
      }
      return null;
    });
  }

  @ParameterizedTest
  @CsvSource({"MEMORY, FLOAT32", "MEMORY, BFLOAT16", "SOCKETS, BFLOAT16"})
  void stepsThatAreNotFiniteAreSkippedEverywhereAndCounted(Link link, WirePrecision precision) throws Exception {
    List<String> outcomes = WorkerThreads.results(link, precision, 3, transport -> {
      Network network = new Network(100);
      StringBuilder outcome = new StringBuilder();
      try (ParallelBlocks blocks = new ParallelBlocks(1)) {
        ParameterServer server = new ParameterServer(transport, network.parameters, network.gradient, SETTINGS, blocks);
        for (long step = 1; step <= 6; step++) {
          float[] before = network.parameters.toArray();
          int tokens = network.backward(step, transport);
          if (step == 2 && transport.rank() == 1) {
            network.gradient.write(70, new float[] {Float.NaN}, 1);
          }
          if (step == 5 && transport.rank() == 2) {
            network.gradient.write(3, new float[] {Float.NEGATIVE_INFINITY}, 1);
          }
          double loss = step == 4 && transport.rank() == 0 ? Double.POSITIVE_INFINITY : 1;
          StepResult result = server.step(step, loss, tokens);
          assertThat(Arrays.equals(network.parameters.toArray(), before)).isEqualTo(result.skipped());
          outcome.append(result.skipped() ? 's' : 'u');
        }
        return outcome + " " + server.skippedSteps() + " " + server.adam().updates();
      }
    });
    assertThat(outcomes).containsOnly("usussu 3 3");
  }

  @Test
  void tooManySkippedStepsInARowStopTheRun() throws Exception {
    List<WorkerThreads.Outcome<Object>> outcomes = WorkerThreads.run(2, Duration.ofSeconds(60), transport -> {
      Network network = new Network(100);
      try (ParallelBlocks blocks = new ParallelBlocks(1)) {
        ParameterServer server = new ParameterServer(transport, network.parameters, network.gradient, SETTINGS, blocks);
        for (long step = 1; step <= 10; step++) {
          network.backward(step, transport);
          server.step(step, step < 3 ? 1 : Double.NaN, 5);
        }
      }
      return null;
    });
    assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.failure()).isInstanceOf(DivergedException.class)
        .hasMessageStartingWith("step 5: 3 steps in a row had a loss or gradient that is not finite (loss=NaN, gradient norm=")
        .hasMessageContaining("lower the learning rate"));
  }

  @Test
  void missingPeerIsNamedAtTheDeadline() {
    try (Transport transport = WorkerTransport.inProcess(new Membership(UUID.randomUUID().toString(), 0, 0, 2, Duration.ofMillis(100)));
        ParallelBlocks blocks = new ParallelBlocks(1)) {
      Network network = new Network(100);
      ParameterServer server = new ParameterServer(transport, network.parameters, network.gradient, SETTINGS, blocks);
      assertThatThrownBy(() -> server.step(12, 1, 1)).isInstanceOf(TransportException.class).hasMessage(
          "rank 0, step 12: waited 0.1 s for the gradient [0, 48) from rank 1, which never joined; it may be hung or lost");
    }
  }

  @Test
  void workerThatThrowsEndsTheStepOfAllOthers() throws Exception {
    List<WorkerThreads.Outcome<Object>> outcomes = WorkerThreads.run(3, Duration.ofMinutes(10), transport -> {
      Network network = new Network(1000);
      try (ParallelBlocks blocks = new ParallelBlocks(1)) {
        ParameterServer server = new ParameterServer(transport, network.parameters, network.gradient, SETTINGS, blocks);
        for (long step = 1; step <= 10; step++) {
          int tokens = network.backward(step, transport);
          if (step == 4 && transport.rank() == 2) {
            throw new IllegalStateException("out of memory in the backward pass");
          }
          server.step(step, 1, tokens);
        }
      }
      return null;
    });
    for (int rank = 0; rank < 2; rank++) {
      assertThat(outcomes.get(rank).failure()).isInstanceOf(TransportException.class)
          .hasMessageStartingWith("rank " + rank + ", step 4: ").hasMessageContaining("but rank 2 failed: ")
          .hasMessageEndingWith("out of memory in the backward pass");
    }
  }

  @Test
  void workersThatStartApartAreFoundOut() throws Exception {
    List<WorkerThreads.Outcome<Object>> outcomes = WorkerThreads.run(3, Duration.ofSeconds(60), transport -> {
      Network network = new Network(100);
      if (transport.rank() == 2) {
        network.parameters.write(50, new float[] {1e-9f}, 1);
      }
      try (ParallelBlocks blocks = new ParallelBlocks(1)) {
        new ParameterServer(transport, network.parameters, network.gradient, SETTINGS, blocks).requireSameParameters(0);
      }
      return null;
    });
    assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.failure()).isInstanceOf(IllegalStateException.class)
        .hasMessage("step 0: rank 2 holds other parameters than rank 0; all workers must begin with the same seed, settings and"
            + " checkpoint"));
  }

  @Test
  void rejectsImpossibleSettings() {
    assertThatThrownBy(() -> settings(-1, 3)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid clip-norm: -1.0 (must be >= 0; 0: never clip)");
    assertThatThrownBy(() -> settings(1, 0)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid max-skipped-steps: 0 (must be >= 1)");
    try (Transport transport = WorkerTransport.inProcess(new Membership(UUID.randomUUID().toString(), 0, 0, 1, Duration.ofSeconds(1)));
        ParallelBlocks blocks = new ParallelBlocks(1)) {
      assertThatThrownBy(() -> new ParameterServer(transport, FloatRegion.allocate(5), FloatRegion.allocate(4), SETTINGS, blocks))
          .isInstanceOf(IllegalArgumentException.class).hasMessage("Found 5 parameters, but 4 gradients");
      ParameterServer server = new ParameterServer(transport, FloatRegion.allocate(5), FloatRegion.allocate(5), SETTINGS, blocks);
      assertThatThrownBy(() -> server.step(1, 0, 0)).isInstanceOf(IllegalStateException.class)
          .hasMessage("step 1: the batch holds no target token at any of 1 workers");
    }
  }

  private static double[] differences(float[] a, float[] b) {
    double[] differences = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      differences[i] = Math.abs((double) a[i] - b[i]);
    }
    return differences;
  }

  private static float[] values(long seed, int length) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }
}
