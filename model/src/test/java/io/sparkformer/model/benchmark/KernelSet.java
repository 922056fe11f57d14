package io.sparkformer.model.benchmark;

import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.util.List;

/** The kernels that are compared. */
public enum KernelSet {
  PORTABLE,
  FLOAT32,
  BFLOAT16,
  INT8;

  /** Those that this machine has. */
  static List<KernelSet> here() {
    return CpuKernels.runsInt8() ? List.of(values()) : List.of(PORTABLE, FLOAT32, BFLOAT16);
  }

  Kernels kernels(int threads) {
    return this == PORTABLE ? new Nd4jKernels() : new CpuKernels(threads, Precision.valueOf(name()));
  }
}
