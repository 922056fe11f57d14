package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.cpu.product.Arithmetic;
import io.sparkformer.model.kernel.cpu.product.Bfloat16Arithmetic;
import io.sparkformer.model.kernel.cpu.product.EmulatedBfloat16Arithmetic;
import io.sparkformer.model.kernel.cpu.product.Float32Arithmetic;
import io.sparkformer.model.kernel.cpu.product.Int8Arithmetic;

/** The precisions in which every kernel is compared with the portable one, and how far each may be off. */
public enum ProductsUnderTest {
  FLOAT32 {
    @Override
    Arithmetic arithmetic() {
      return new Float32Arithmetic();
    }

    /**
     * The rounding errors of a sum add up like steps in random directions: to the root of the number of terms, in units of half the last
     * place. Four units more are for what follows the sum; the largest of many errors is several times a usual one.
     */
    @Override
    double tolerance(int terms, long elements) {
      return LARGEST_OF_MANY * HALF_LAST_PLACE * (4 + Math.sqrt(terms));
    }
  },

  /** Products by oneDNN. */
  BFLOAT16 {
    @Override
    Arithmetic arithmetic() {
      return new Bfloat16Arithmetic();
    }

    @Override
    double tolerance(int terms, long elements) {
      return ofBfloat16(elements);
    }

    @Override
    Sample sample(Activation activation, long seed) {
      return bfloat16Sample(activation, seed);
    }
  },

  /** What serves processors without bfloat16. */
  EMULATED_BFLOAT16 {
    @Override
    Arithmetic arithmetic() {
      return new EmulatedBfloat16Arithmetic();
    }

    @Override
    double tolerance(int terms, long elements) {
      return ofBfloat16(elements);
    }

    @Override
    Sample sample(Activation activation, long seed) {
      return bfloat16Sample(activation, seed);
    }
  },

  INT8 {
    @Override
    Arithmetic arithmetic() {
      Int8Kernels.assumeTheyRun();
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
     * Values of one magnitude are 127 or -127 times their scale exactly; and sums of their products, multiples of 0.09, with a bias of that
     * magnitude are never near 0.
     */
    @Override
    Sample sample(Activation activation, long seed) {
      return activation == Activation.RELU ? new Sample(seed, x -> Math.copySign(0.3, x)) : super.sample(activation, seed);
    }
  };

  private static final double HALF_LAST_PLACE = 0x1p-24;
  private static final double LARGEST_OF_MANY = 8;

  /** Skips the test that calls it where these products do not run. */
  abstract Arithmetic arithmetic();

  /** What values may differ by from exact ones, relative to the largest of their array. */
  abstract double tolerance(int terms, long elements);

  /**
   * Values for products before an activation. A ReLU's gradient jumps at 0: where a sum that close to it gets another sign by rounding,
   * gradients differ by more than any tolerance. So products of rounded inputs have values that are rounded to themselves.
   */
  Sample sample(Activation activation, long seed) {
    return new Sample(seed);
  }

  public CpuKernels kernels(int threads) {
    return new CpuKernels(threads, arithmetic());
  }

  /** The largest of two or three values may be a small difference of large ones. */
  private static double ofBfloat16(long elements) {
    return elements < 4 ? 4e-2 : 2e-2;
  }

  /** Sixteenths are exact in bfloat16. */
  private static Sample bfloat16Sample(Activation activation, long seed) {
    return activation == Activation.RELU ? new Sample(seed, x -> Math.rint(x * 16) / 16) : new Sample(seed);
  }
}
