package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.compare.AttentionAgreement;

/** With float32 products, on a device that runs everything in order. */
class CudaAttentionTest extends AttentionAgreement {
  @Override
  protected CudaUnderTest products() {
    return CudaUnderTest.FLOAT32;
  }
}
