package io.sparkformer.model.hub;

import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.cuda.CudaSettings;
import io.sparkformer.model.kernel.cuda.StandIn;
import io.sparkformer.model.kernel.portable.Nd4jKernels;

/** The kernels that golden cases are computed with, by the name of their products. */
final class GoldenKernels {
  private static final int THREADS = 2;

  private GoldenKernels() {}

  /** Whether this machine has them. */
  static boolean run(String products) {
    return switch (products) {
      case "INT8" -> CpuKernels.runsInt8();
      case "CUDA" -> StandIn.isAvailable();
      default -> true;
    };
  }

  static Kernels of(String products) {
    return switch (products) {
      case "PORTABLE" -> new Nd4jKernels();
      case "CUDA" -> StandIn.kernels(StandIn.Strictness.SHUFFLED_THREADS_AND_DELAYED_QUEUES, CudaSettings.ProductType.FLOAT32);
      default -> new CpuKernels(THREADS, Precision.valueOf(products));
    };
  }
}
