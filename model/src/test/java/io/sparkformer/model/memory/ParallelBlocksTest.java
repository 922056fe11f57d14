package io.sparkformer.model.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParallelBlocksTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void everyBlockRunsOnce(int threads) {
    long length = 9L * ParallelBlocks.BLOCK_LENGTH + 1;
    AtomicIntegerArray runs = new AtomicIntegerArray(ParallelBlocks.count(length));
    AtomicLong elements = new AtomicLong();
    try (ParallelBlocks blocks = new ParallelBlocks(threads)) {
      blocks.run(length, (block, from, to) -> {
        runs.incrementAndGet(block);
        elements.addAndGet(to - from);
        assertThat(from).isEqualTo((long) block * ParallelBlocks.BLOCK_LENGTH);
      });
      blocks.run(0, (block, from, to) -> runs.incrementAndGet(0));
    }
    assertThat(elements.get()).isEqualTo(length);
    for (int block = 0; block < runs.length(); block++) {
      assertThat(runs.get(block)).isEqualTo(1);
    }
  }

  @Test
  void failureOfABlockReachesTheCaller() {
    try (ParallelBlocks blocks = new ParallelBlocks(3)) {
      assertThatThrownBy(() -> blocks.run(20L * ParallelBlocks.BLOCK_LENGTH, (block, from, to) -> {
        throw new ArithmeticException("block failed");
      })).hasMessageContaining("block failed");
    }
    assertThatThrownBy(() -> new ParallelBlocks(0)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid number of threads: 0 (must be >= 1)");
  }
}
