package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.cpu.product.EmulatedBfloat16Arithmetic;

class EmulatedBfloat16RowIndependenceTest extends RowIndependenceTest {
  @Override
  CpuKernels kernels(int threads) {
    return new CpuKernels(threads, new EmulatedBfloat16Arithmetic());
  }
}
