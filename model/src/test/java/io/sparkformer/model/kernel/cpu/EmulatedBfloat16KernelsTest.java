package io.sparkformer.model.kernel.cpu;

/** The same with the emulation that serves processors without bfloat16. */
class EmulatedBfloat16KernelsTest extends CpuKernelsTest {
  @Override
  protected ProductsUnderTest products() {
    return ProductsUnderTest.EMULATED_BFLOAT16;
  }
}
