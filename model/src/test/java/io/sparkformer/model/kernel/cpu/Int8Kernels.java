package io.sparkformer.model.kernel.cpu;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparkformer.model.kernel.cpu.product.Int8Arithmetic;

/** Kernels with products of 8-bit integers, for tests of whole networks, which are skipped where no processor makes them. */
public final class Int8Kernels {
  private Int8Kernels() {}

  public static CpuKernels of(int threads) {
    return new CpuKernels(threads, new Int8Arithmetic());
  }

  /** Skips the test that calls it where these kernels do not run. */
  public static void assumeTheyRun() {
    assumeTrue(CpuKernels.runsInt8(), "8-bit integers need AVX-512 VNNI, which this processor, or ONEDNN_MAX_CPU_ISA, lacks");
  }
}
