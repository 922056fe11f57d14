package io.sparkformer.jobs.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PartPlanTest {

  @Test
  void everySlotGetsSeveralParts() {
    assertThat(PartPlan.of(16_000, 2)).isEqualTo(new PartPlan(16_000, 1000));
    assertThat(PartPlan.of(16_000, 2).parts()).isEqualTo(16);
  }

  @Test
  void fewLinesMakeAPartForEverySlot() {
    assertThat(PartPlan.of(100, 4)).isEqualTo(new PartPlan(100, 25));
    assertThat(PartPlan.of(300, 4)).isEqualTo(new PartPlan(300, 64));
    assertThat(PartPlan.of(1, 4).parts()).isEqualTo(1);
    assertThat(PartPlan.of(0, 4).parts()).isZero();
  }

  @Test
  void manyLinesMakePartsOfBoundedSize() {
    assertThat(PartPlan.of(10_000_000, 10).partSize()).isEqualTo(1024);
  }

  @Test
  void partsGrowBeforeThereAreTooMany() {
    assertThat(PartPlan.of(1_000_000_000, 10)).isEqualTo(new PartPlan(1_000_000_000, 100_000));
    assertThat(PartPlan.of(1L << 50, 10).parts()).isLessThanOrEqualTo(10_000);
    assertThat(PartPlan.of(100_000_000, 50_000).parts()).isGreaterThanOrEqualTo(50_000 - 50);
  }

  @Test
  void impossiblePlansAreReported() {
    assertThatThrownBy(() -> new PartPlan(-1, 1)).hasMessage("a plan needs total >= 0 and partSize >= 1: total=-1, partSize=1");
    assertThatThrownBy(() -> new PartPlan(1L << 40, 1)).hasMessage("too many lines for Spark: 1099511627776");
  }
}
