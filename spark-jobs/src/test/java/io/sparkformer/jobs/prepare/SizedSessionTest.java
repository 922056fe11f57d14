package io.sparkformer.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SizedSessionTest {

  @Test
  void smallTextHasOnePartitionForEachCore() {
    assertThat(SizedSession.partitions(1000, 2)).isEqualTo(2);
    assertThat(SizedSession.partitions(0, 64)).isEqualTo(64);
  }

  @Test
  void largeTextHasPartitionsOfBoundedSize() {
    assertThat(SizedSession.partitions(10L << 30, 2)).isEqualTo(641);
  }
}
