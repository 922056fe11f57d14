package io.sparkformer.model.kernel.cpu.memory;

/** Memory that is used again from step to step: it grows to the largest batch seen, and is then allocated no more. */
public final class Buffer {
  private Floats memory;

  /** A matrix with unspecified content, in the memory that the last one had. */
  public Matrix matrix(int rows, int columns) {
    return new Matrix(floats((long) rows * columns), 0, rows, columns, columns);
  }

  /** At least {@code length} floats with unspecified content, in the memory that the last ones had. */
  public Floats floats(long length) {
    if (memory == null || memory.length() < length) {
      if (memory != null) {
        memory.free();
      }
      memory = Floats.allocate(Math.max(1, length));
    }
    return memory;
  }
}
