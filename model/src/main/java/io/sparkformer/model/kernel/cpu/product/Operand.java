package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.memory.Matrix;

/**
 * A matrix as the products of one {@link Arithmetic} read it: float32 memory as it is, or a copy in another type. It is filled in
 * blocks of rows, by several threads: a block's rows are made in float32 and then kept.
 */
public interface Operand {
  int rows();

  int columns();

  /** The rows {@code [from, to)}, in the same memory. */
  Operand rows(int from, int to);

  /** The columns {@code [from, to)}, in the same memory. */
  Operand columns(int from, int to);

  /**
   * Float32 memory, of unspecified content, in which the rows {@code [from, to)} can be made for {@link #keep}: the operand's own
   * where it is float32, else the calling thread's, until it asks any operand for the next.
   */
  Matrix draft(int from, int to);

  /** Takes rows, which become those from {@code from} on. Costs nothing if they are a draft, or other memory, of the operand itself. */
  void keep(Matrix rows, int from);

  /**
   * The rows {@code [from, to)} in float32: the operand's own memory, or a copy in that of the calling thread, until it asks any
   * operand for the next.
   */
  Matrix floats(int from, int to);
}
