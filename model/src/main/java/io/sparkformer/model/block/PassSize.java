package io.sparkformer.model.block;

/**
 * What the memory of a block depends on.
 *
 * @param products what kernels keep for their products
 * @param tokens of the block's input
 * @param longest tokens of the longest sequence
 * @param memoryTokens of the encoder's output that a decoder reads; 0 for none
 * @param longestMemory tokens of its longest sequence
 * @param sequences at most
 */
public record PassSize(ProductMemory products, long tokens, long longest, long memoryTokens, long longestMemory, long sequences) {
  /** Operands in bfloat16 and 8-bit integers have rows up to the next multiple of this. */
  private static final long OPERAND_ROWS = 256;
  /** Arrays begin at cache lines, and scales of rows come in whole vectors. */
  private static final long ALIGNMENT = 64;

  /** A matrix of float32. */
  static long floats(long rows, long columns) {
    return Float.BYTES * rows * columns + ALIGNMENT;
  }

  /** What products read of a matrix beside the matrix itself. */
  long operand(long rows, long columns) {
    return products.operandBytes() == 0 ? 0 : bytes(products.operandBytes(), rows, columns);
  }

  /** A matrix that only products read. */
  long onlyOperand(long rows, long columns) {
    return bytes(products.onlyOperandBytes(), rows, columns);
  }

  private long bytes(long ofElement, long rows, long columns) {
    long padded = products.hasDrafts() ? (rows + OPERAND_ROWS - 1) / OPERAND_ROWS * OPERAND_ROWS : rows;
    return ofElement * padded * columns + products.rowBytes() * rows + 2 * ALIGNMENT;
  }

  /** What products read of a matrix that is kept in float32, for as long as a pass of one kernel. */
  long roundedFloats(long rows, long columns) {
    return floats(rows, columns) + operand(rows, columns);
  }

  boolean isOnDevice() {
    return products.isOnDevice();
  }

  boolean isPortable() {
    return products == ProductMemory.PORTABLE;
  }
}
