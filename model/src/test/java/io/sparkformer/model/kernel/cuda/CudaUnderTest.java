package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.compare.KernelsUnderTest;
import io.sparkformer.model.kernel.compare.Sample;

/** The CUDA kernels on the devices of the stand-in: products and strictness. */
enum CudaUnderTest implements KernelsUnderTest {
  FLOAT32_REVERSED(StandIn.Strictness.REVERSED_THREADS, CudaSettings.ProductType.FLOAT32),
  FLOAT32_SHUFFLED(StandIn.Strictness.SHUFFLED_THREADS_AND_DELAYED_QUEUES, CudaSettings.ProductType.FLOAT32),
  BFLOAT16(StandIn.Strictness.NONE, CudaSettings.ProductType.BFLOAT16);

  private final StandIn.Strictness strictness;
  private final CudaSettings.ProductType products;

  CudaUnderTest(StandIn.Strictness strictness, CudaSettings.ProductType products) {
    this.strictness = strictness;
    this.products = products;
  }

  @Override
  public Kernels kernels(int threads) {
    return StandIn.kernels(strictness, products);
  }

  @Override
  public double tolerance(int terms, long elements) {
    return products == CudaSettings.ProductType.BFLOAT16 ? KernelsUnderTest.toleranceOfBfloat16(elements)
        : KernelsUnderTest.toleranceOfFloat32(terms);
  }

  @Override
  public Sample sample(Activation activation, long seed) {
    return products == CudaSettings.ProductType.BFLOAT16 ? KernelsUnderTest.sampleOfBfloat16(activation, seed) : new Sample(seed);
  }
}
