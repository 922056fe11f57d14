package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.kernel.cpu.ProductsUnderTest;

/** The same with products of 8-bit integers. */
class Int8AttentionAgreementTest extends AttentionAgreementTest {
  @Override
  protected ProductsUnderTest products() {
    return ProductsUnderTest.INT8;
  }
}
