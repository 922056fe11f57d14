package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.config.Activation;
import org.junit.jupiter.api.BeforeAll;

/** Every kernel with products of 8-bit integers against the portable one in float32. */
class Int8KernelsTest extends CpuKernelsTest {
  @BeforeAll
  static void needsVnni() {
    Int8Kernels.assumeTheyRun();
  }

  @Override
  Arithmetic arithmetic() {
    return new Int8Arithmetic();
  }

  /**
   * A step is 1/127 of the largest value of a row, which is about three times a usual one: rounding to nearest, off by a step's
   * {@code 1/sqrt(12)}, has an error of 0.7 % of a usual value, stochastic rounding, off by {@code 1/sqrt(6)}, one of 1 %. A product has
   * the errors of both its inputs, and of its inputs' products: about 1.2 % after two, and 2.5 % for the gradients of attention. The
   * largest of many errors is four times as large as that, but so is the largest of many values; of few values it may be a small one.
   */
  @Override
  double tolerance(int terms, long elements) {
    return elements < 32 ? 2e-1 : 1e-1;
  }

  /**
   * A ReLU's gradient jumps at 0, so sums must have the same sign. Values of one magnitude are 127 or -127 times their scale exactly; and
   * sums of their products, multiples of 0.09, with a bias of that magnitude are never near 0.
   */
  @Override
  Sample sample(Activation activation, long seed) {
    return activation == Activation.RELU ? new Sample(seed, x -> Math.copySign(0.3, x)) : super.sample(activation, seed);
  }
}
