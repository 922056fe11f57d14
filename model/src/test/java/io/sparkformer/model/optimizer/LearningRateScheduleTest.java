package io.sparkformer.model.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.optimizer.LearningRateSchedule.Constant;
import io.sparkformer.model.optimizer.LearningRateSchedule.InverseSquareRoot;
import io.sparkformer.model.optimizer.LearningRateSchedule.Linear;
import io.sparkformer.model.optimizer.LearningRateSchedule.Noam;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {

  @Test
  void noamFollowsThePaper() {
    Noam paper = new Noam(1, 512, 4000);
    // 512^-0.5 * 4000^-1.5, worked out by hand to seven digits.
    assertThat(paper.rate(1)).isCloseTo(1.746928e-7, within(1e-13));
    assertThat(paper.rate(4000)).isCloseTo(6.987712e-4, within(1e-10));
    assertThat(paper.rate(16000)).isCloseTo(6.987712e-4 / 2, within(1e-10));
    assertThat(paper.rate(2000)).isCloseTo(6.987712e-4 / 2, within(1e-10));
    assertThat(new Noam(3, 512, 4000).rate(100)).isCloseTo(3 * paper.rate(100), within(1e-15));
    assertThat(new Noam(1, 4, 0).rate(25)).isCloseTo(0.1, within(1e-15));
  }

  @Test
  void inverseSquareRootRisesToThePeakAndFalls() {
    InverseSquareRoot schedule = new InverseSquareRoot(0.0008, 400);
    assertThat(schedule.rate(1)).isCloseTo(0.000002, within(1e-15));
    assertThat(schedule.rate(200)).isCloseTo(0.0004, within(1e-15));
    assertThat(schedule.rate(400)).isCloseTo(0.0008, within(1e-15));
    assertThat(schedule.rate(1600)).isCloseTo(0.0004, within(1e-15));
    assertThat(new InverseSquareRoot(0.5, 0).rate(1)).isEqualTo(0.5);
    assertThat(new InverseSquareRoot(0.5, 0).rate(4)).isEqualTo(0.25);
  }

  @Test
  void constantStaysAtThePeak() {
    Constant schedule = new Constant(0.01, 10);
    assertThat(schedule.rate(1)).isCloseTo(0.001, within(1e-15));
    assertThat(schedule.rate(10)).isEqualTo(0.01);
    assertThat(schedule.rate(1_000_000)).isEqualTo(0.01);
    assertThat(new Constant(0.01, 0).rate(1)).isEqualTo(0.01);
  }

  @Test
  void linearRisesToThePeakAndFallsToZeroAfterTheLastStep() {
    Linear schedule = new Linear(0.01, 10, 109);
    assertThat(schedule.rate(5)).isCloseTo(0.005, within(1e-15));
    assertThat(schedule.rate(10)).isEqualTo(0.01);
    assertThat(schedule.rate(60)).isCloseTo(0.005, within(1e-15));
    assertThat(schedule.rate(109)).isCloseTo(0.0001, within(1e-15));
    assertThat(schedule.rate(110)).isZero();
    assertThat(schedule.rate(200)).isZero();
    assertThat(new Linear(0.01, 0, 100).rate(1)).isEqualTo(0.01);
  }

  @Test
  void rejectsImpossibleValues() {
    assertThatThrownBy(() -> new Noam(0, 512, 10)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid learning-rate factor: 0.0 (must be > 0 and finite)");
    assertThatThrownBy(() -> new InverseSquareRoot(Double.NaN, 10)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid learning-rate peak: NaN (must be > 0 and finite)");
    assertThatThrownBy(() -> new Constant(1, -1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid learning-rate warmup-steps: -1 (must be >= 0)");
    assertThatThrownBy(() -> new Linear(1, 100, 100)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid learning-rate warmup-steps: 100 (must be < the last step, 100)");
    assertThatThrownBy(() -> new Constant(1, 5).rate(0)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid step: 0 (steps count from 1)");
  }
}
