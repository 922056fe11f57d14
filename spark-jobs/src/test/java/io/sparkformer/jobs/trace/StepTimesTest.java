package io.sparkformer.jobs.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class StepTimesTest {
  private static final long MILLISECOND = 1_000_000;

  private static long[] times(long data, long compute, long push, long wait, long update) {
    return new long[] {data * MILLISECOND, compute * MILLISECOND, push * MILLISECOND, wait * MILLISECOND, update * MILLISECOND,
        1000 * MILLISECOND};
  }

  @Test
  void sharesAreThoseOfAllWorkersWithoutOtherWork() {
    StepTimes times = new StepTimes(List.of("a", "b"));
    times.add(List.of(times(10, 70, 0, 20, 0), times(0, 90, 5, 0, 5)), 1);
    assertThat(times.share(Phase.COMPUTE)).isCloseTo(0.8, within(1e-9));
    assertThat(times.share(Phase.WAIT)).isCloseTo(0.1, within(1e-9));
    assertThat(times.share(Phase.DATA)).isCloseTo(0.05, within(1e-9));
  }

  @Test
  void theWorkerThatTheOthersWaitForIsNamed() {
    StepTimes times = new StepTimes(List.of("executor 1 on a", "executor 2 on b", "executor 3 on c"));
    for (int step = 0; step < 4; step++) {
      times.add(List.of(times(1, 100, 0, 98, 1), times(2, 195, 0, 2, 2), times(1, 98, 0, 100, 1)), 1);
    }
    assertThat(times.straggler()).hasValue("the others wait for rank 1 (executor 2 on b), 50 % of their time: it is busy for 199 ms a step"
        + " (data 2, compute 195, update 2), the others for 102");
    times.clear();
    assertThat(times.straggler()).isEmpty();
  }

  @Test
  void busyTimeIsThatOfOneStepWhenSeveralAreToldAtOnce() {
    StepTimes times = new StepTimes(List.of("a", "b"));
    times.add(List.of(times(0, 400, 0, 400, 0), times(0, 800, 0, 0, 0)), 4);
    assertThat(times.straggler()).hasValueSatisfying(line -> assertThat(line)
        .endsWith("it is busy for 200 ms a step (data 0, compute 200, update 0), the others for 100"));
  }

  @Test
  void nobodyIsBlamedForWaitingThatAllShare() {
    StepTimes times = new StepTimes(List.of("a", "b"));
    times.add(List.of(times(1, 100, 0, 90, 1), times(1, 104, 0, 88, 1)), 1);
    assertThat(times.straggler()).isEmpty();
    StepTimes alone = new StepTimes(List.of("a"));
    alone.add(List.of(times(1, 100, 0, 900, 1)), 1);
    assertThat(alone.straggler()).isEmpty();
  }
}
