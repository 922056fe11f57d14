package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.cpu.product.Bfloat16Arithmetic;
import io.sparkformer.model.kernel.cpu.product.EmulatedBfloat16Arithmetic;

/** Kernels with bfloat16 products on any processor, for tests of whole networks. */
public final class Bfloat16Kernels {
  private Bfloat16Kernels() {}

  /** Products by oneDNN, which emulates them where it must. */
  public static CpuKernels byOneDnn(int threads) {
    return new CpuKernels(threads, new Bfloat16Arithmetic());
  }

  /** Float32 products of rounded values. */
  public static CpuKernels emulated(int threads) {
    return new CpuKernels(threads, new EmulatedBfloat16Arithmetic());
  }
}
