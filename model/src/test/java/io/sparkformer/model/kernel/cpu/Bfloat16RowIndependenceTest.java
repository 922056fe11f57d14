package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.cpu.product.Bfloat16Arithmetic;

class Bfloat16RowIndependenceTest extends RowIndependenceTest {
  @Override
  CpuKernels kernels(int threads) {
    return new CpuKernels(threads, new Bfloat16Arithmetic());
  }
}
