package io.sparkformer.model.benchmark;

import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Nd4jKernels;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.cpu.CpuKernels;

/** The kernels that are compared. */
public enum KernelSet {
  PORTABLE,
  FLOAT32,
  BFLOAT16;

  Kernels kernels(int threads) {
    return this == PORTABLE ? new Nd4jKernels() : new CpuKernels(threads, Precision.valueOf(name()));
  }
}
