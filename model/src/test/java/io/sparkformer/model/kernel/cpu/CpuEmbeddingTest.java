package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.compare.EmbeddingAgreement;

/** Embeddings. No products: one precision is all. */
class CpuEmbeddingTest extends EmbeddingAgreement {
  @Override
  protected ProductsUnderTest products() {
    return ProductsUnderTest.FLOAT32;
  }
}
