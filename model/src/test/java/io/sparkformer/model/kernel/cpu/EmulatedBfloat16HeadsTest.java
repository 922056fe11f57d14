package io.sparkformer.model.kernel.cpu;

/** The same with the emulation that serves processors without bfloat16. */
class EmulatedBfloat16HeadsTest extends CpuHeadsTest {
  @Override
  protected ProductsUnderTest products() {
    return ProductsUnderTest.EMULATED_BFLOAT16;
  }
}
