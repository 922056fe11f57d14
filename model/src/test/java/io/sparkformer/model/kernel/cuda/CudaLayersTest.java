package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.compare.LayerAgreement;

/** With float32 products, on a device that runs everything in order. */
class CudaLayersTest extends LayerAgreement {
  @Override
  protected CudaUnderTest products() {
    return CudaUnderTest.FLOAT32;
  }
}
