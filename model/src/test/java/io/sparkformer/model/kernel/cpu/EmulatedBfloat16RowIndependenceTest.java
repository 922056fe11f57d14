package io.sparkformer.model.kernel.cpu;

class EmulatedBfloat16RowIndependenceTest extends RowIndependenceTest {
  @Override
  CpuKernels kernels(int threads) {
    return new CpuKernels(threads, new EmulatedBfloat16Arithmetic());
  }
}
