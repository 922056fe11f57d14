package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.compare.KernelsUnderTest;
import io.sparkformer.model.kernel.compare.Sample;
import io.sparkformer.model.kernel.cpu.product.Arithmetic;
import io.sparkformer.model.kernel.cpu.product.Bfloat16Arithmetic;
import io.sparkformer.model.kernel.cpu.product.EmulatedBfloat16Arithmetic;
import io.sparkformer.model.kernel.cpu.product.Float32Arithmetic;
import io.sparkformer.model.kernel.cpu.product.Int8Arithmetic;

/** The precisions in which every kernel is compared with the portable one, and how far each may be off. */
public enum ProductsUnderTest implements KernelsUnderTest {
  FLOAT32 {
    @Override
    Arithmetic arithmetic() {
      return new Float32Arithmetic();
    }

    @Override
    public double tolerance(int terms, long elements) {
      return KernelsUnderTest.toleranceOfFloat32(terms);
    }
  },

  /** Products by oneDNN. */
  BFLOAT16 {
    @Override
    Arithmetic arithmetic() {
      return new Bfloat16Arithmetic();
    }

    @Override
    public double tolerance(int terms, long elements) {
      return KernelsUnderTest.toleranceOfBfloat16(elements);
    }

    @Override
    public Sample sample(Activation activation, long seed) {
      return KernelsUnderTest.sampleOfBfloat16(activation, seed);
    }
  },

  /** What serves processors without bfloat16. */
  EMULATED_BFLOAT16 {
    @Override
    Arithmetic arithmetic() {
      return new EmulatedBfloat16Arithmetic();
    }

    @Override
    public double tolerance(int terms, long elements) {
      return KernelsUnderTest.toleranceOfBfloat16(elements);
    }

    @Override
    public Sample sample(Activation activation, long seed) {
      return KernelsUnderTest.sampleOfBfloat16(activation, seed);
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
    public double tolerance(int terms, long elements) {
      return elements < 32 ? 2e-1 : 1e-1;
    }

    /**
     * Values of one magnitude are 127 or -127 times their scale exactly; and sums of their products, multiples of 0.09, with a bias of that
     * magnitude are never near 0.
     */
    @Override
    public Sample sample(Activation activation, long seed) {
      return activation == Activation.RELU ? new Sample(seed, x -> Math.copySign(0.3, x)) : new Sample(seed);
    }
  };

  /** Skips the test that calls it where these products do not run. */
  abstract Arithmetic arithmetic();

  @Override
  public CpuKernels kernels(int threads) {
    return new CpuKernels(threads, arithmetic());
  }
}
