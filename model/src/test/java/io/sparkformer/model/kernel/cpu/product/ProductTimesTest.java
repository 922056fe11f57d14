package io.sparkformer.model.kernel.cpu.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparkformer.model.kernel.cpu.CpuKernels;
import org.junit.jupiter.api.Test;

class ProductTimesTest {
  private long now;
  private int runs;

  /** Takes as long as {@code millis} says for each run; the last of them again and again. */
  private Runnable taking(long... millis) {
    int[] run = {0};
    return () -> {
      now += 1_000_000 * millis[Math.min(run[0]++, millis.length - 1)];
      runs++;
    };
  }

  @Test
  void theShortestTimesCountAndTheFirstRoundDoesNot() {
    ProductTimes times = ProductTimes.times(taking(0, 9, 4, 70), taking(0, 30, 80, 2, 5), () -> now);
    assertThat(times).isEqualTo(new ProductTimes(4, 2));
    assertThat(runs).isEqualTo(16);
    assertThat(times).hasToString("a product of 192 x 512 and 512 x 256 takes 2.000 ms in bfloat16, 4.000 ms in float32");
  }

  @Test
  void bfloat16MustBeFasterByMoreThanAMeasurementErrs() {
    assertThat(new ProductTimes(4, 2).bfloat16IsFaster()).isTrue();
    assertThat(new ProductTimes(4, 3.8).bfloat16IsFaster()).isFalse();
    assertThat(new ProductTimes(2, 4).bfloat16IsFaster()).isFalse();
  }

  @Test
  void aProcessMeasuresOnce() {
    assumeTrue(CpuKernels.hasBfloat16Instructions(),
        "bfloat16 needs AVX512_BF16 or AMX, which this processor, or ONEDNN_MAX_CPU_ISA, lacks");
    ProductTimes here = ProductTimes.here();
    assertThat(here).isSameAs(ProductTimes.here());
    assertThat(here.float32Millis()).isPositive();
    assertThat(here.bfloat16Millis()).isPositive();
    assertThat(CpuKernels.reasonForPrecision()).isEqualTo(here.toString());
  }
}
