package io.sparkformer.jobs.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.jobs.transport.Membership;
import io.sparkformer.jobs.transport.Traffic;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.jobs.transport.TransportException;
import io.sparkformer.jobs.transport.WorkerThreads;
import io.sparkformer.jobs.transport.WorkerThreads.Link;
import io.sparkformer.jobs.transport.WorkerTransport;
import io.sparkformer.model.checkpoint.OptimizerState;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class LocalStepsTest {
  private static final double CLIP_NORM = 0.5;
  private static final UpdateSettings SETTINGS = new UpdateSettings(new AdamSettings(0.9, 0.98, 1e-9),
      new LearningRateSchedule.InverseSquareRoot(0.01, 10), CLIP_NORM, 3);

  /** What a worker's network would have found: a gradient that depends on rank and step alone, summed over so many tokens. */
  private static float[] gradient(int rank, long step, int length) {
    return values(1000 * step + rank, length);
  }

  private static int tokens(int rank, long step) {
    return (int) (1 + (step + 3 * rank) % 5);
  }

  private record Trained(float[] parameters, float[] first, float[] second, long updates, List<StepResult> results, Traffic traffic) { }

  private static Trained train(Transport transport, ParameterUpdates updates, FloatRegion parameters, FloatRegion gradient, int steps) {
    List<StepResult> results = new ArrayList<>();
    updates.requireSameParameters(0);
    for (long step = 1; step <= steps; step++) {
      gradient.write(0, gradient(transport.rank(), step, (int) gradient.length()), (int) gradient.length());
      int tokens = tokens(transport.rank(), step);
      results.add(updates.update(step, 2.5 * tokens, tokens));
    }
    updates.awaitParameters();
    return new Trained(parameters.toArray(), updates.adam().firstMoment().toArray(), updates.adam().secondMoment().toArray(),
        updates.adam().updates(), results, transport instanceof WorkerTransport joined ? joined.traffic() : null);
  }

  private static Trained trainLocally(Transport transport, int length, int interval, int steps) {
    FloatRegion parameters = FloatRegion.copyOf(values(99, length));
    FloatRegion gradient = FloatRegion.allocate(length);
    try (ParallelBlocks blocks = new ParallelBlocks(1 + transport.rank() % 2)) {
      return train(transport, new LocalSteps(transport, parameters, gradient, SETTINGS, interval, blocks), parameters, gradient, steps);
    }
  }

  /** The same in plain arrays and double precision: written from the papers, sharing nothing with what is tested. */
  private static double[][] reference(int workers, int length, int interval, int steps) {
    double[][][] state = new double[workers][3][length];
    for (double[][] worker : state) {
      float[] begin = values(99, length);
      Arrays.setAll(worker[0], i -> begin[i]);
    }
    for (int step = 1; step <= steps; step++) {
      double rate = 0.01 * Math.min(step / 10.0, Math.sqrt(10.0 / step));
      for (int rank = 0; rank < workers; rank++) {
        float[] sum = gradient(rank, step, length);
        double squares = 0;
        for (float each : sum) {
          squares += (double) each * each;
        }
        double scale = Math.min(1, CLIP_NORM / (Math.sqrt(squares) / tokens(rank, step))) / tokens(rank, step);
        double[][] worker = state[rank];
        for (int i = 0; i < length; i++) {
          double g = sum[i] * scale;
          worker[1][i] = 0.9 * worker[1][i] + 0.1 * g;
          worker[2][i] = 0.98 * worker[2][i] + 0.02 * g * g;
          double m = worker[1][i] / (1 - Math.pow(0.9, step));
          double v = worker[2][i] / (1 - Math.pow(0.98, step));
          worker[0][i] -= rate * m / (Math.sqrt(v) + 1e-9);
        }
      }
      if (step % interval == 0) {
        for (int array = 0; array < 3; array++) {
          for (int i = 0; i < length; i++) {
            double mean = 0;
            for (double[][] worker : state) {
              mean += worker[array][i] / workers;
            }
            for (double[][] worker : state) {
              worker[array][i] = mean;
            }
          }
        }
      }
    }
    return state[0];
  }

  @ParameterizedTest
  @CsvSource({"MEMORY, 2, 1000, 4", "MEMORY, 3, 70001, 2", "MEMORY, 7, 17, 3", "MEMORY, 1, 1000, 4", "SOCKETS, 2, 1000, 4",
      "SOCKETS, 3, 7001, 3", "SOCKETS, 4, 1, 2", "PAIRS, 4, 5000, 3"})
  void resultIsThatOfLocalAdamWithParametersAndMomentsAveraged(Link link, int workers, int length, int interval) throws Exception {
    int steps = 4 * interval;
    List<Trained> trained = WorkerThreads.results(link, workers, transport -> trainLocally(transport, length, interval, steps));
    double[][] expected = reference(workers, length, interval, steps);
    for (Trained worker : trained) {
      // The same bits everywhere ...
      assertThat(worker.parameters).isEqualTo(trained.get(0).parameters);
      assertThat(worker.first).isEqualTo(trained.get(0).first);
      assertThat(worker.second).isEqualTo(trained.get(0).second);
      assertThat(worker.updates).isEqualTo(steps);
      // ... and those that the papers ask for.
      assertClose(worker.parameters, expected[0], 1e-6);
      assertClose(worker.first, expected[1], 1e-6);
      assertClose(worker.second, expected[2], 1e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({"SOCKETS, 3, 7001", "PAIRS, 4, 5000"})
  void workersApartGetTheSameBitsAsWorkersOfOneProcess(Link link, int workers, int length) throws Exception {
    Trained together = WorkerThreads.results(workers, transport -> trainLocally(transport, length, 3, 12)).get(0);
    for (Trained apart : WorkerThreads.results(link, workers, transport -> trainLocally(transport, length, 3, 12))) {
      assertThat(apart.parameters).isEqualTo(together.parameters);
      assertThat(apart.first).isEqualTo(together.first);
      assertThat(apart.second).isEqualTo(together.second);
    }
  }

  @Test
  void workersDifferBetweenAveragingsAndTheirMomentsDoToo() throws Exception {
    List<Trained> trained = WorkerThreads.results(2, transport -> trainLocally(transport, 100, 4, 7));
    assertThat(trained.get(0).parameters).isNotEqualTo(trained.get(1).parameters);
    assertThat(trained.get(0).first).isNotEqualTo(trained.get(1).first);
    assertThat(trained.get(0).second).isNotEqualTo(trained.get(1).second);
  }

  @ParameterizedTest
  @CsvSource({"1, 1000", "5, 1000", "4, 70001"})
  void loneWorkerGetsTheSameBitsAsWithoutLocalSteps(int interval, int length) throws Exception {
    Trained local = WorkerThreads.results(1, transport -> trainLocally(transport, length, interval, 20)).get(0);
    Trained shared = WorkerThreads.results(1, transport -> {
      FloatRegion parameters = FloatRegion.copyOf(values(99, length));
      FloatRegion gradient = FloatRegion.allocate(length);
      try (ParallelBlocks blocks = new ParallelBlocks(1)) {
        return train(transport, new ParameterServer(transport, parameters, gradient, SETTINGS, blocks), parameters, gradient, 20);
      }
    }).get(0);
    assertThat(local.parameters).isEqualTo(shared.parameters);
    assertThat(local.first).isEqualTo(shared.first);
    assertThat(local.second).isEqualTo(shared.second);
    assertThat(local.updates).isEqualTo(shared.updates);
    if (interval == 1) {
      assertThat(local.results).isEqualTo(shared.results);
    }
  }

  @ParameterizedTest
  @CsvSource({"MEMORY, 2", "SOCKETS, 2", "SOCKETS, 4", "PAIRS, 4"})
  void nothingTravelsButTheAverages(Link link, int workers) throws Exception {
    int length = 16 * 3 * 4 * 5;
    for (int steps : new int[] {3, 4, 7, 12}) {
      long averagings = steps / 4;
      long expected = averagings * 3 * 2L * length * (workers - 1) / workers * Float.BYTES;
      for (Trained worker : WorkerThreads.results(link, workers, transport -> trainLocally(transport, length, 4, steps))) {
        assertThat(worker.traffic).isEqualTo(new Traffic(expected, expected));
      }
    }
  }

  @Test
  void sharedResultsTellOfAllWorkersAndAllStepsSinceTheLast() throws Exception {
    List<Trained> trained = WorkerThreads.results(2, transport -> trainLocally(transport, 64, 3, 6));
    for (int rank = 0; rank < 2; rank++) {
      List<StepResult> results = trained.get(rank).results;
      assertThat(results).extracting(StepResult::isShared).containsExactly(false, false, true, false, false, true);
      assertThat(results.get(1).targetTokens()).isEqualTo(tokens(rank, 2));
      assertThat(results.get(1).learningRate()).isEqualTo(SETTINGS.schedule().rate(2));
    }
    for (int end : new int[] {3, 6}) {
      StepResult shared = trained.get(0).results.get(end - 1);
      assertThat(shared).isEqualTo(trained.get(1).results.get(end - 1));
      long tokens = 0;
      double norms = 0;
      for (int rank = 0; rank < 2; rank++) {
        for (long step = end - 2; step <= end; step++) {
          tokens += tokens(rank, step);
          double squares = 0;
          for (float each : gradient(rank, step, 64)) {
            squares += (double) each * each;
          }
          norms += Math.sqrt(squares) / tokens(rank, step);
        }
      }
      assertThat(shared.step()).isEqualTo(end);
      assertThat(shared.targetTokens()).isEqualTo(tokens);
      assertThat(shared.loss()).isCloseTo(2.5, within(1e-12));
      assertThat(shared.gradientNorm()).isCloseTo(norms / 6, within(1e-9));
      assertThat(shared.skippedUpdates()).isZero();
    }
  }

  @Test
  void slicesThatTheWorkersSaveAreTheWholeState() throws Exception {
    List<OptimizerState> saved = WorkerThreads.results(3, transport -> {
      FloatRegion parameters = FloatRegion.copyOf(values(99, 1000));
      FloatRegion gradient = FloatRegion.allocate(1000);
      try (ParallelBlocks blocks = new ParallelBlocks(1)) {
        LocalSteps steps = new LocalSteps(transport, parameters, gradient, SETTINGS, 2, blocks);
        train(transport, steps, parameters, gradient, 4);
        return steps.savedOptimizer().copy(null);
      }
    });
    Trained whole = WorkerThreads.results(3, transport -> trainLocally(transport, 1000, 2, 4)).get(0);
    int end = 0;
    for (OptimizerState slice : saved) {
      assertThat(slice.range().from()).isEqualTo(end);
      int to = (int) slice.range().to();
      assertThat(slice.firstMoment().toArray()).isEqualTo(Arrays.copyOfRange(whole.first, end, to));
      assertThat(slice.secondMoment().toArray()).isEqualTo(Arrays.copyOfRange(whole.second, end, to));
      assertThat(slice.updates()).isEqualTo(4);
      end = to;
    }
    assertThat(end).isEqualTo(1000);
  }

  /** One worker at whose steps something may be wrong. */
  private interface Mishap {
    boolean strikes(int rank, long step);
  }

  private static List<WorkerThreads.Outcome<String>> run(int interval, int steps, Mishap mishap) throws InterruptedException {
    return WorkerThreads.run(3, Duration.ofSeconds(60), transport -> {
      FloatRegion parameters = FloatRegion.copyOf(values(99, 100));
      FloatRegion gradient = FloatRegion.allocate(100);
      StringBuilder outcome = new StringBuilder();
      long skipped = 0;
      try (ParallelBlocks blocks = new ParallelBlocks(1)) {
        LocalSteps updates = new LocalSteps(transport, parameters, gradient, SETTINGS, interval, blocks);
        for (long step = 1; step <= steps; step++) {
          gradient.write(0, gradient(transport.rank(), step, 100), 100);
          boolean wrong = mishap.strikes(transport.rank(), step);
          if (wrong) {
            gradient.write(70, new float[] {Float.NaN}, 1);
          }
          float[] before = parameters.toArray();
          StepResult result = updates.update(step, 5, 2);
          skipped += result.skippedUpdates();
          if (!result.isShared()) {
            assertThat(Arrays.equals(parameters.toArray(), before)).isEqualTo(wrong);
          }
        }
        outcome.append(skipped).append(' ').append(updates.adam().updates()).append(' ');
        return outcome.append(Arrays.hashCode(parameters.toArray())).toString();
      }
    });
  }

  @Test
  void stepThatIsNotFiniteIsSkippedByTheWorkerThatMeetsItAndCounted() throws Exception {
    List<WorkerThreads.Outcome<String>> outcomes = run(4, 8, (rank, step) -> rank == 1 && (step == 2 || step == 3 || step == 5));
    String first = outcomes.get(0).result();
    // All are in the same state, with as many updates as the workers that have skipped none.
    assertThat(first).startsWith("3 8 ");
    assertThat(outcomes).extracting(WorkerThreads.Outcome::result).containsOnly(first);
  }

  @Test
  void tooManySkippedStepsInARowOfOneWorkerStopAllAtTheNextAveraging() throws Exception {
    // Three in a row, over an averaging (4), and a good one after them.
    List<WorkerThreads.Outcome<String>> outcomes = run(4, 16, (rank, step) -> rank == 2 && step >= 4 && step <= 6);
    assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.failure()).isInstanceOf(IllegalStateException.class)
        .hasMessage("step 8: rank 2 has skipped 3 local steps in a row, whose loss or gradient was not finite (at step 6 loss=2.5,"
            + " gradient norm=NaN); lower the learning rate or lengthen its warm-up, and go on from the last checkpoint"));
  }

  @Test
  void skippedStepsOfSeveralWorkersAreNotInARow() throws Exception {
    assertThat(run(2, 8, (rank, step) -> step % 3 == rank)).allSatisfy(outcome -> assertThat(outcome.failure()).isNull());
  }

  @Test
  void workerWithoutTokensMakesNoUpdateAndAllWithoutAnyIsAnError() throws Exception {
    List<WorkerThreads.Outcome<Long>> outcomes = WorkerThreads.run(2, Duration.ofSeconds(60), transport -> {
      FloatRegion parameters = FloatRegion.copyOf(values(99, 50));
      FloatRegion gradient = FloatRegion.allocate(50);
      try (ParallelBlocks blocks = new ParallelBlocks(1)) {
        LocalSteps updates = new LocalSteps(transport, parameters, gradient, SETTINGS, 2, blocks);
        updates.update(1, 0, 0);
        assertThat(parameters.toArray()).isEqualTo(values(99, 50));
        StepResult result = updates.update(2, transport.rank() == 0 ? 6 : 0, transport.rank() == 0 ? 3 : 0);
        assertThat(result.targetTokens()).isEqualTo(3);
        assertThat(result.loss()).isEqualTo(2);
        updates.update(3, 0, 0);
        updates.update(4, 0, 0);
        return null;
      }
    });
    assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.failure()).isInstanceOf(IllegalStateException.class)
        .hasMessage("step 4: the batches since the last averaging hold no target token at any of 2 workers"));
  }

  @Test
  void missingPeerIsNamedAtTheDeadline() {
    try (Transport transport = WorkerTransport.inProcess(new Membership(UUID.randomUUID().toString(), 0, 0, 2, Duration.ofMillis(100)));
        ParallelBlocks blocks = new ParallelBlocks(1)) {
      LocalSteps updates = new LocalSteps(transport, FloatRegion.allocate(100), FloatRegion.allocate(100), SETTINGS, 3, blocks);
      updates.update(10, 1, 1);
      updates.update(11, 1, 1);
      assertThatThrownBy(() -> updates.update(12, 1, 1)).isInstanceOf(TransportException.class).hasMessage(
          "rank 0, step 12: waited 0.1 s for the exchange of totals of local steps from rank 1, which never joined; it may be hung or lost");
    }
  }

  @Test
  void workersThatStartApartInAMomentAreFoundOut() throws Exception {
    List<WorkerThreads.Outcome<Object>> outcomes = WorkerThreads.run(2, Duration.ofSeconds(60), transport -> {
      try (ParallelBlocks blocks = new ParallelBlocks(1)) {
        LocalSteps updates = new LocalSteps(transport, FloatRegion.allocate(20), FloatRegion.allocate(20), SETTINGS, 2, blocks);
        updates.adam().secondMoment().write(19, new float[] {transport.rank()}, 1);
        updates.requireSameParameters(8);
        return null;
      }
    });
    assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.failure()).isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("step 8: rank 1 holds other parameters than rank 0"));
  }

  @Test
  void rejectsWhatDoesNotFit() {
    try (Transport transport = WorkerTransport.inProcess(new Membership(UUID.randomUUID().toString(), 0, 0, 1, Duration.ofSeconds(1)));
        ParallelBlocks blocks = new ParallelBlocks(1)) {
      assertThatThrownBy(() -> new LocalSteps(transport, FloatRegion.allocate(5), FloatRegion.allocate(4), SETTINGS, 2, blocks))
          .isInstanceOf(IllegalArgumentException.class).hasMessage("Found 5 parameters, but 4 gradients");
      assertThatThrownBy(() -> new LocalSteps(transport, FloatRegion.allocate(5), FloatRegion.allocate(5), SETTINGS, 0, blocks))
          .isInstanceOf(IllegalArgumentException.class).hasMessage("Invalid number of local steps: 0 (must be >= 1)");
    }
  }

  private static void assertClose(float[] found, double[] expected, double tolerance) {
    double largest = IntStream.range(0, expected.length).mapToDouble(i -> Math.abs(found[i] - expected[i])).max().orElseThrow();
    assertThat(found).hasSameSizeAs(expected);
    assertThat(largest).isLessThan(tolerance);
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
