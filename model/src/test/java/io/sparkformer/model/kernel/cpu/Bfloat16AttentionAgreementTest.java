package io.sparkformer.model.kernel.cpu;

/** The same with bfloat16 products, made by oneDNN. */
class Bfloat16AttentionAgreementTest extends AttentionAgreementTest {
  @Override
  ProductsUnderTest products() {
    return ProductsUnderTest.BFLOAT16;
  }
}
