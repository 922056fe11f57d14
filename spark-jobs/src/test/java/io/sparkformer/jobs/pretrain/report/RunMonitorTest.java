package io.sparkformer.jobs.pretrain.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.jobs.pretrain.plan.TrainingPlan;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RunMonitorTest {

  private static Report.Waiting waiting(int rank, long step, int peer, double seconds) {
    return new Report.Waiting(step, "rank %d waits for rank %d, %s s".formatted(rank, peer, seconds), peer, seconds);
  }

  @Test
  void oneLineTellsThatAllWaitForTheSameWorkerUntilTheyHaveWaitedLonger() {
    StringWriter printed = new StringWriter();
    try (RunMonitor monitor = RunMonitor.open(new PrintWriter(printed))) {
      monitor.receive("run x0", waiting(0, 7, 3, 30.0));
      monitor.receive("run x0", waiting(1, 7, 3, 30.1));
      monitor.receive("run x0", new Report.Note(7, "something else"));
      monitor.receive("run x0", waiting(2, 7, 3, 30.2));
      monitor.receive("run x0", waiting(1, 7, 3, 60.1));
      monitor.receive("run x0", waiting(0, 7, 3, 60.2));
      monitor.receive("run x0", waiting(0, 7, 2, 60.3));
      monitor.receive("run x0", waiting(0, 8, 2, 30.0));
    }
    assertThat(printed.toString().lines()).containsExactly("warning: rank 0 waits for rank 3, 30.0 s", "something else",
        "warning: rank 1 waits for rank 3, 60.1 s", "warning: rank 0 waits for rank 2, 60.3 s", "warning: rank 0 waits for rank 2, 30.0 s");
  }

  @Test
  void workersOfAnEarlierAttemptAreNotListenedTo() {
    StringWriter printed = new StringWriter();
    TrainingPlan plan = new TrainingPlan("second", 0, "{}", null, null, 1, 1, "", "", null, null,
        TrainingPlan.Start.BEGINNING, Duration.ZERO);
    try (RunMonitor monitor = RunMonitor.open(new PrintWriter(printed))) {
      monitor.expect(plan);
      assertThat(monitor.receive("firstx0", waiting(0, 7, 3, 30))).isTrue();
      assertThat(monitor.receive("secondx0", waiting(0, 7, 3, 31))).isFalse();
    }
    assertThat(printed.toString().lines()).containsExactly("warning: rank 0 waits for rank 3, 31.0 s");
  }
}
