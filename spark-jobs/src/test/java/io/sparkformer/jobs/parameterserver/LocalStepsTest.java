package io.sparkformer.jobs.parameterserver;

import static io.sparkformer.jobs.parameterserver.LocalTraining.CLIP_NORM;
import static io.sparkformer.jobs.parameterserver.LocalTraining.SETTINGS;
import static io.sparkformer.jobs.parameterserver.LocalTraining.gradient;
import static io.sparkformer.jobs.parameterserver.LocalTraining.tokens;
import static io.sparkformer.jobs.parameterserver.LocalTraining.train;
import static io.sparkformer.jobs.parameterserver.LocalTraining.trainLocally;
import static io.sparkformer.jobs.parameterserver.LocalTraining.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.jobs.parameterserver.LocalTraining.Trained;
import io.sparkformer.jobs.transport.Traffic;
import io.sparkformer.jobs.transport.WorkerThreads.Link;
import io.sparkformer.jobs.transport.WorkerThreads;
import io.sparkformer.model.checkpoint.OptimizerState;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class LocalStepsTest {
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
      assertThat(worker.parameters()).isEqualTo(trained.get(0).parameters());
      assertThat(worker.first()).isEqualTo(trained.get(0).first());
      assertThat(worker.second()).isEqualTo(trained.get(0).second());
      assertThat(worker.updates()).isEqualTo(steps);
      // ... and those that the papers ask for.
      assertClose(worker.parameters(), expected[0], 1e-6);
      assertClose(worker.first(), expected[1], 1e-6);
      assertClose(worker.second(), expected[2], 1e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({"SOCKETS, 3, 7001", "PAIRS, 4, 5000"})
  void workersApartGetTheSameBitsAsWorkersOfOneProcess(Link link, int workers, int length) throws Exception {
    Trained together = WorkerThreads.results(workers, transport -> trainLocally(transport, length, 3, 12)).get(0);
    for (Trained apart : WorkerThreads.results(link, workers, transport -> trainLocally(transport, length, 3, 12))) {
      assertThat(apart.parameters()).isEqualTo(together.parameters());
      assertThat(apart.first()).isEqualTo(together.first());
      assertThat(apart.second()).isEqualTo(together.second());
    }
  }

  @Test
  void workersDifferBetweenAveragingsAndTheirMomentsDoToo() throws Exception {
    List<Trained> trained = WorkerThreads.results(2, transport -> trainLocally(transport, 100, 4, 7));
    assertThat(trained.get(0).parameters()).isNotEqualTo(trained.get(1).parameters());
    assertThat(trained.get(0).first()).isNotEqualTo(trained.get(1).first());
    assertThat(trained.get(0).second()).isNotEqualTo(trained.get(1).second());
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
    assertThat(local.parameters()).isEqualTo(shared.parameters());
    assertThat(local.first()).isEqualTo(shared.first());
    assertThat(local.second()).isEqualTo(shared.second());
    assertThat(local.updates()).isEqualTo(shared.updates());
    if (interval == 1) {
      assertThat(local.results()).isEqualTo(shared.results());
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
        assertThat(worker.traffic()).isEqualTo(new Traffic(expected, expected));
      }
    }
  }

  @Test
  void sharedResultsTellOfAllWorkersAndAllStepsSinceTheLast() throws Exception {
    List<Trained> trained = WorkerThreads.results(2, transport -> trainLocally(transport, 64, 3, 6));
    for (int rank = 0; rank < 2; rank++) {
      List<StepResult> results = trained.get(rank).results();
      assertThat(results).extracting(StepResult::isShared).containsExactly(false, false, true, false, false, true);
      assertThat(results.get(1).targetTokens()).isEqualTo(tokens(rank, 2));
      assertThat(results.get(1).learningRate()).isEqualTo(SETTINGS.schedule().rate(2));
    }
    for (int end : new int[] {3, 6}) {
      StepResult shared = trained.get(0).results().get(end - 1);
      assertThat(shared).isEqualTo(trained.get(1).results().get(end - 1));
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
      assertThat(shared.gradientNorm()).isCloseTo(norms / 6, within(1e-6 * norms));
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
      assertThat(slice.firstMoment().toArray()).isEqualTo(Arrays.copyOfRange(whole.first(), end, to));
      assertThat(slice.secondMoment().toArray()).isEqualTo(Arrays.copyOfRange(whole.second(), end, to));
      assertThat(slice.updates()).isEqualTo(4);
      end = to;
    }
    assertThat(end).isEqualTo(1000);
  }

  private static void assertClose(float[] found, double[] expected, double tolerance) {
    double largest = IntStream.range(0, expected.length).mapToDouble(i -> Math.abs(found[i] - expected[i])).max().orElseThrow();
    assertThat(found).hasSameSizeAs(expected);
    assertThat(largest).isLessThan(tolerance);
  }
}
