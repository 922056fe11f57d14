package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.cuda.array.DeviceStack;
import io.sparkformer.model.kernel.cuda.driver.Device;
import java.nio.file.Path;

/**
 * How CUDA kernels run.
 *
 * @param device that computes
 * @param products what matrix products read
 * @param compiled folder of compiled kernels
 * @param slabFloats scores of a vocabulary that exist at one time
 * @param released what becomes of memory that is given back
 */
public record CudaSettings(Device device, ProductType products, Path compiled, long slabFloats, DeviceStack.Released released) {
  /** 256 MB. */
  private static final long SLAB_FLOATS = 1L << 26;

  /** What matrix products read. */
  public enum ProductType {
    FLOAT32,
    /** Float32, of whose fractions 10 bits are used. */
    TF32,
    /** Float32 rounded to bfloat16. */
    BFLOAT16
  }

  /** For use. */
  public static CudaSettings of(Device device, ProductType products, Path compiled) {
    return new CudaSettings(device, products, compiled, SLAB_FLOATS, DeviceStack.Released.LEFT);
  }
}
