package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.compare.EmbeddingAgreement;

/** With float32 products, on a device whose threads run in shuffled order and whose queues are late. */
class CudaEmbeddingTest extends EmbeddingAgreement {
  @Override
  protected CudaUnderTest products() {
    return CudaUnderTest.FLOAT32_SHUFFLED;
  }
}
