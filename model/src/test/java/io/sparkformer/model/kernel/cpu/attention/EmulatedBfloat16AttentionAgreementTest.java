package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.kernel.cpu.ProductsUnderTest;

/** The same with the emulation that serves processors without bfloat16. */
class EmulatedBfloat16AttentionAgreementTest extends AttentionAgreementTest {
  @Override
  protected ProductsUnderTest products() {
    return ProductsUnderTest.EMULATED_BFLOAT16;
  }
}
