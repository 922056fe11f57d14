package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.cuda.array.SliceArrays;
import io.sparkformer.model.kernel.cuda.driver.Kernel.Launch;
import io.sparkformer.model.optimizer.AdamFactors;
import io.sparkformer.model.optimizer.DeviceSlice;
import org.bytedeco.javacpp.DoublePointer;

/** Updates by kernels; one pass over the device's memory each. */
final class CudaSlice implements DeviceSlice {
  private static final int THREADS = 256;
  private static final int WARP = 32;
  /** Elements whose squares one block adds: how the sum is divided depends on nothing else. */
  private static final int CHUNK = 1 << 16;

  private final CudaEngine engine;
  private final SliceArrays arrays;

  CudaSlice(CudaEngine engine, SliceArrays arrays) {
    this.engine = engine;
    this.arrays = arrays;
  }

  @Override
  public double squares() {
    int chunks = Math.toIntExact((arrays.length() + CHUNK - 1) / CHUNK);
    if (chunks == 0) {
      return 0;
    }
    long bytes = (long) Double.BYTES * chunks;
    long partial = engine.heap().take(bytes);
    engine.kernel("adam", "squares").launch(engine.queue(), Launch.of(chunks, THREADS).withShared((long) Double.BYTES * THREADS / WARP),
        arrays.gradient(0), partial, arrays.length(), CHUNK);
    try (DoublePointer host = new DoublePointer(chunks)) {
      engine.queue().download(partial, host, bytes);
      double sum = 0;
      for (int i = 0; i < chunks; i++) {
        sum += host.get(i);
      }
      return sum;
    } finally {
      engine.heap().give(partial);
    }
  }

  @Override
  public void takeGradient() {
    arrays.takeGradient();
  }

  @Override
  public void adam(long from, long to, AdamFactors factors) {
    engine.forEach(engine.kernel("adam", "adam"), to - from, arrays.parameters(from), arrays.gradient(from), arrays.firstMoment(from),
        arrays.secondMoment(from), to - from, factors.scale(), factors.beta1(), factors.rest1(), factors.beta2(), factors.rest2(),
        factors.stepSize(), factors.correction(), factors.epsilon(), factors.kept(), AdamFactors.FLUSH);
    arrays.parametersChanged();
  }

  @Override
  public void deliverParameters(long from, long to) {
    arrays.deliverParameters(from, to);
  }

  @Override
  public void deliverState() {
    arrays.deliverParameters(0, arrays.length());
    arrays.deliverMoments();
  }

  @Override
  public void takeState() {
    arrays.takeState();
  }
}
