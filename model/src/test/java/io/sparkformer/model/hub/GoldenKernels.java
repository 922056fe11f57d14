package io.sparkformer.model.hub;

import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.portable.Nd4jKernels;

/** The kernels that golden cases are computed with, by the name of their products. */
final class GoldenKernels {
  private GoldenKernels() {}

  static boolean run(String products) {
    return products.equals("PORTABLE");
  }

  static Kernels of(String products) {
    return new Nd4jKernels();
  }
}
