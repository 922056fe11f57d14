package io.sparkformer.model.kernel;

/**
 * What kernels have derived from parameters: rounded and packed copies.
 *
 * @param bytes of memory that it takes
 * @param nanos that making it took
 */
public record Derived(long bytes, long nanos) {
  /** Nothing: the kernels compute with the parameters themselves. */
  public static final Derived NONE = new Derived(0, 0);
}
