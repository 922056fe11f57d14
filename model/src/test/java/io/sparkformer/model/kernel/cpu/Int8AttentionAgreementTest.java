package io.sparkformer.model.kernel.cpu;

/** The same with products of 8-bit integers. */
class Int8AttentionAgreementTest extends AttentionAgreementTest {
  @Override
  ProductsUnderTest products() {
    return ProductsUnderTest.INT8;
  }
}
