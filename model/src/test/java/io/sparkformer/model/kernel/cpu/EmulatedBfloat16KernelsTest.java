package io.sparkformer.model.kernel.cpu;

/** The same with the emulation that serves processors without bfloat16. */
class EmulatedBfloat16KernelsTest extends Bfloat16KernelsTest {
  @Override
  Arithmetic arithmetic() {
    return new EmulatedBfloat16Arithmetic();
  }
}
