package io.sparkformer.jobs.parameterserver;

import static io.sparkformer.jobs.parameterserver.LocalTraining.SETTINGS;
import static io.sparkformer.jobs.parameterserver.LocalTraining.gradient;
import static io.sparkformer.jobs.parameterserver.LocalTraining.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.jobs.transport.Membership;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.jobs.transport.TransportException;
import io.sparkformer.jobs.transport.WorkerThreads;
import io.sparkformer.jobs.transport.WorkerTransport;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LocalStepsFaultTest {
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
    assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.failure()).isInstanceOf(DivergedException.class)
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
          "rank 0, step 12: waited 0.1 s for the exchange of totals of local steps from rank 1, which never joined;"
              + " it may be hung or lost");
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
}
