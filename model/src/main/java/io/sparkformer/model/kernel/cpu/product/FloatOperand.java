package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.memory.Matrix;

/** Float32 rows, read where they are. */
record FloatOperand(Matrix matrix) implements InFloats {
  @Override
  public Operand rows(int from, int to) {
    return new FloatOperand(matrix.rows(from, to));
  }

  @Override
  public Operand columns(int from, int to) {
    return new FloatOperand(matrix.columns(from, to));
  }

  @Override
  public void keep(Matrix rows, int from) {
    if (rows.memory() != matrix.memory() || rows.offset() != matrix.place(from, 0)) {
      throw new IllegalArgumentException("Only the operand's own rows can be kept, not others as rows from %d on".formatted(from));
    }
  }

  static Matrix matrix(Operand operand) {
    return ((FloatOperand) operand).matrix();
  }
}
