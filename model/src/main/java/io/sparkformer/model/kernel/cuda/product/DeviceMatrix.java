package io.sparkformer.model.kernel.cuda.product;

/**
 * A matrix on a device, row-major.
 *
 * @param address of its first element
 * @param type of its elements
 * @param stride elements from a row to the next
 */
public record DeviceMatrix(long address, Type type, long rows, long columns, long stride) {
  /** What elements are. */
  public enum Type {
    FLOAT32(Float.BYTES), BFLOAT16(Short.BYTES);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    public int bytes() {
      return bytes;
    }
  }

  /** Contiguous, float32. */
  public static DeviceMatrix of(long address, long rows, long columns) {
    return new DeviceMatrix(address, Type.FLOAT32, rows, columns, columns);
  }

  /** The rows {@code from ..< to}. */
  public DeviceMatrix rows(long from, long to) {
    return new DeviceMatrix(address + type.bytes() * from * stride, type, to - from, columns, stride);
  }

  /** The columns {@code from ..< to}. */
  public DeviceMatrix columns(long from, long to) {
    return new DeviceMatrix(address + type.bytes() * from, type, rows, to - from, stride);
  }
}
