package io.sparkformer.model.kernel.cpu;

/** The same with bfloat16 products, made by oneDNN. */
class Bfloat16KernelsTest extends CpuKernelsTest {
  @Override
  protected ProductsUnderTest products() {
    return ProductsUnderTest.BFLOAT16;
  }
}
