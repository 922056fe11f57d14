package io.sparkformer.model.block;

/** What kernels keep for their products, by implementation and precision. */
public enum ProductMemory {
  /** The portable kernels: everything float32, arrays of ND4J. */
  PORTABLE(0, 0),
  /** The CPU kernels in float32: products read activations and weights where they are. */
  FLOAT32(0, 0),
  /** The CPU kernels in bfloat16: activations in 2 bytes; of weights a copy for each direction. */
  BFLOAT16(2, 4),
  /** bfloat16 on processors without it: a rounded copy of activations and weights, in float32. */
  EMULATED_BFLOAT16(4, 4),
  /** The CPU kernels in 8-bit integers: activations in 1 byte; of weights a copy for each direction. */
  INT8(1, 2),
  /** The CUDA kernels in float32. */
  CUDA_FLOAT32(0, 0),
  /** The CUDA kernels in bfloat16: what products read is rounded for each, and not kept; of weights a copy. */
  CUDA_BFLOAT16(2, 2);

  private final int operandBytes;
  private final int weightBytes;

  ProductMemory(int operandBytes, int weightBytes) {
    this.operandBytes = operandBytes;
    this.weightBytes = weightBytes;
  }

  /** Bytes of an activation that products read, beside the activation itself; 0 where they read that. */
  public int operandBytes() {
    return operandBytes;
  }

  /** Bytes beside each row of activations that products read: its scale. */
  public int rowBytes() {
    return this == INT8 ? Float.BYTES : 0;
  }

  /** Whether all but the flat arrays is in a device's memory. */
  public boolean isOnDevice() {
    return this == CUDA_FLOAT32 || this == CUDA_BFLOAT16;
  }

  /** Whether rows are made in float32, in memory of their thread, before products' copies are. */
  public boolean hasDrafts() {
    return this == BFLOAT16 || this == INT8;
  }

  /** Bytes derived from each weight. */
  public int weightBytes() {
    return weightBytes;
  }

  /** Bytes of an activation that nothing but products reads. */
  public int onlyOperandBytes() {
    return operandBytes == 0 ? Float.BYTES : operandBytes;
  }
}
