package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.config.Activation;

/** Every kernel with bfloat16 products, made by oneDNN, against the portable one in float32. */
class Bfloat16KernelsTest extends CpuKernelsTest {
  @Override
  Arithmetic arithmetic() {
    return new Bfloat16Arithmetic();
  }

  /** The largest of two or three values may be a small difference of large ones. */
  @Override
  double tolerance(int terms, long elements) {
    return elements < 4 ? 4e-2 : 2e-2;
  }

  /**
   * A ReLU's gradient jumps at 0: where a sum that close to it gets another sign by rounding, gradients differ by more than any tolerance.
   * So its values are sixteenths, which bfloat16 holds exactly.
   */
  @Override
  Sample sample(Activation activation, long seed) {
    return activation == Activation.RELU ? new Sample(seed, x -> Math.rint(x * 16) / 16) : super.sample(activation, seed);
  }
}
