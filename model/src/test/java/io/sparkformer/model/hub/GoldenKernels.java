package io.sparkformer.model.hub;

import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.portable.Nd4jKernels;

/** The kernels that golden cases are computed with, by the name of their products. */
final class GoldenKernels {
  private static final int THREADS = 2;

  private GoldenKernels() {}

  /** Whether this machine has them. */
  static boolean run(String products) {
    return !products.equals("INT8") || CpuKernels.runsInt8();
  }

  static Kernels of(String products) {
    return products.equals("PORTABLE") ? new Nd4jKernels() : new CpuKernels(THREADS, Precision.valueOf(products));
  }
}
