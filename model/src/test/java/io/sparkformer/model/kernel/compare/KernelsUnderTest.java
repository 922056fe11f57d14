package io.sparkformer.model.kernel.compare;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.Kernels;

/** Kernels that are compared with the portable ones, and how far each may be off. */
public interface KernelsUnderTest {
  /** @param threads that they may use, where they run on the host */
  Kernels kernels(int threads);

  /** What values may differ by from exact ones, relative to the largest of their array. */
  double tolerance(int terms, long elements);

  /**
   * Values for products before an activation. A ReLU's gradient jumps at 0: where a sum that close to it gets another sign by rounding,
   * gradients differ by more than any tolerance. So products of rounded inputs have values that are rounded to themselves.
   */
  default Sample sample(Activation activation, long seed) {
    return new Sample(seed);
  }

  /**
   * Of float32: the rounding errors of a sum add up like steps in random directions: to the root of the number of terms, in units of half
   * the last place. Four units more are for what follows the sum; the largest of many errors is several times a usual one.
   */
  static double toleranceOfFloat32(int terms) {
    double halfLastPlace = 0x1p-24;
    double largestOfMany = 8;
    return largestOfMany * halfLastPlace * (4 + Math.sqrt(terms));
  }

  /** The largest of two or three values may be a small difference of large ones. */
  static double toleranceOfBfloat16(long elements) {
    return elements < 4 ? 4e-2 : 2e-2;
  }

  /** Sixteenths are exact in bfloat16. */
  static Sample sampleOfBfloat16(Activation activation, long seed) {
    return activation == Activation.RELU ? new Sample(seed, x -> Math.rint(x * 16) / 16) : new Sample(seed);
  }
}
