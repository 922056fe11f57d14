package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.compare.HeadAgreement;

/** With float32 products, on a device whose threads run in reversed order. */
class CudaHeadsTest extends HeadAgreement {
  @Override
  protected CudaUnderTest products() {
    return CudaUnderTest.FLOAT32_REVERSED;
  }
}
