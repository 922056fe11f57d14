package io.sparkformer.model.kernel.cpu;

class Bfloat16RowIndependenceTest extends RowIndependenceTest {
  @Override
  CpuKernels kernels(int threads) {
    return new CpuKernels(threads, new Bfloat16Arithmetic());
  }
}
