package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.compare.LayerAgreement;

/** The kernels inside a layer. */
class CpuKernelsTest extends LayerAgreement {
  @Override
  protected ProductsUnderTest products() {
    return ProductsUnderTest.FLOAT32;
  }
}
