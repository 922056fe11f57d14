package io.sparkformer.model.kernel.cpu;

/** The same with products of 8-bit integers. */
class Int8HeadsTest extends CpuHeadsTest {
  @Override
  protected ProductsUnderTest products() {
    return ProductsUnderTest.INT8;
  }
}
