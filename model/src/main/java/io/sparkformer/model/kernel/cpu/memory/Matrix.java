package io.sparkformer.model.kernel.cpu.memory;

import io.sparkformer.model.kernel.Weight;
import java.nio.ByteBuffer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A matrix in native memory, or a rectangle of one: row {@code i} begins at place {@code offset + i * stride}.
 *
 * @param memory where it lies
 * @param offset place of its first element, in floats
 * @param stride floats between the beginnings of neighbouring rows
 */
public record Matrix(Floats memory, int offset, int rows, int columns, int stride) {
  /** The whole of an array of rank 2; an array of rank 1 is one row. */
  public static Matrix of(INDArray array) {
    int columns = (int) array.size(array.rank() - 1);
    int rows = array.rank() == 1 ? 1 : (int) array.size(0);
    return new Matrix(Floats.of(array), 0, rows, columns, columns);
  }

  /** The gradient of a parameter; null if there is no parameter, or one that is not trained. */
  public static Matrix ofGradient(Weight weight) {
    return weight == null || weight.gradient() == null ? null : of(weight.gradient());
  }

  /** In new memory. */
  public static Matrix zeros(int rows, int columns) {
    Floats memory = Floats.allocate((long) rows * columns);
    Pointer.memset(memory.pointer(0), 0, (long) memory.length() * Float.BYTES);
    return new Matrix(memory, 0, rows, columns, columns);
  }

  /** The rows {@code [from, to)}, in the same memory. */
  public Matrix rows(int from, int to) {
    return new Matrix(memory, place(from, 0), to - from, columns, stride);
  }

  /** The columns {@code [from, to)}, in the same memory. */
  public Matrix columns(int from, int to) {
    return new Matrix(memory, offset + from, rows, to - from, stride);
  }

  /** Of an element, in floats from the beginning of the memory. */
  public int place(int row, int column) {
    return offset + row * stride + column;
  }

  /** {@link Floats#bytes} of the memory. */
  public ByteBuffer bytes() {
    return memory.bytes();
  }
}
