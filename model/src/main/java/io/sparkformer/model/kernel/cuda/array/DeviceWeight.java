package io.sparkformer.model.kernel.cuda.array;

/** A parameter on a device. Addresses are valid until the host's values change: ask for them in every pass. */
public final class DeviceWeight {
  private final DeviceWeights.Value value;
  private final DeviceWeights.Gradient gradient;

  /** Rounds {@code count} float32 values to bfloat16. */
  @FunctionalInterface
  public interface Rounding {
    void round(long from, long to, long count);
  }

  DeviceWeight(DeviceWeights.Value value, DeviceWeights.Gradient gradient) {
    this.value = value;
    this.gradient = gradient;
  }

  /** Of its first dimension. */
  public long rows() {
    return value.host().size(0);
  }

  public long length() {
    return value.host().length();
  }

  /** Of a matrix. */
  public long columns() {
    return length() / rows();
  }

  /** Float32. */
  public long address() {
    return value.address();
  }

  /** The value rounded to bfloat16. */
  public long rounded(Rounding rounding) {
    return value.rounded(rounding);
  }

  public boolean hasGradient() {
    return gradient != null;
  }

  /** Float32, to be added to. */
  public long gradient() {
    return gradient.address();
  }
}
