package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.kernel.cpu.ProductsUnderTest;

/** The same with bfloat16 products, made by oneDNN. */
class Bfloat16AttentionAgreementTest extends AttentionAgreementTest {
  @Override
  protected ProductsUnderTest products() {
    return ProductsUnderTest.BFLOAT16;
  }
}
