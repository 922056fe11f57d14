package io.sparkformer.jobs.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.memory.FlatRange;
import org.junit.jupiter.api.Test;

class ParameterSlicesTest {

  @Test
  void slicesCoverEverythingOnceAndAreNearlyEqual() {
    for (long parameters : new long[] {1, 15, 16, 17, 1000, 60_524_032, 3_000_000_001L}) {
      for (int workers : new int[] {1, 2, 3, 5, 8, 100}) {
        ParameterSlices slices = new ParameterSlices(parameters, workers);
        long end = 0;
        long shortest = Long.MAX_VALUE;
        long longest = 0;
        for (int rank = 0; rank < workers; rank++) {
          FlatRange slice = slices.slice(rank);
          assertThat(slice.from()).isEqualTo(end);
          assertThat(slice.isEmpty() || slice.from() % 16 == 0).isTrue();
          end = slice.to();
          shortest = Math.min(shortest, slice.length());
          longest = Math.max(longest, slice.length());
        }
        assertThat(end).isEqualTo(parameters);
        assertThat(longest - shortest).isLessThan(32);
      }
    }
  }

  @Test
  void rejectsImpossibleDivisions() {
    assertThatThrownBy(() -> new ParameterSlices(0, 1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot divide 0 parameters among 1 workers (both must be >= 1)");
    assertThatThrownBy(() -> new ParameterSlices(10, 2).slice(2)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid rank: 2 (must be 0 to workers - 1, workers=2)");
  }
}
