package io.sparkformer.model.kernel.cpu;

import org.junit.jupiter.api.BeforeAll;

class Int8RowIndependenceTest extends RowIndependenceTest {
  @BeforeAll
  static void needsVnni() {
    Int8Kernels.assumeTheyRun();
  }

  @Override
  CpuKernels kernels(int threads) {
    return Int8Kernels.of(threads);
  }
}
