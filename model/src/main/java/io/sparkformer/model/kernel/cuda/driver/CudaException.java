package io.sparkformer.model.kernel.cuda.driver;

/** A call of CUDA failed, or CUDA is not there. The message says which call, on which device, and why. */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CudaException(String message) {
    super(message);
  }

  public CudaException(String message, Throwable cause) {
    super(message, cause);
  }
}
