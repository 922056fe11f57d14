package io.sparkformer.model.kernel.cpu;

/** Float32 rows, read where they are. */
record FloatOperand(Matrix matrix) implements Operand {
  @Override
  public int rows() {
    return matrix.rows();
  }

  @Override
  public int columns() {
    return matrix.columns();
  }

  @Override
  public Operand rows(int from, int to) {
    return new FloatOperand(matrix.rows(from, to));
  }

  @Override
  public Operand columns(int from, int to) {
    return new FloatOperand(matrix.columns(from, to));
  }

  @Override
  public Matrix draft(int from, int to) {
    return matrix.rows(from, to);
  }

  @Override
  public void keep(Matrix rows, int from) {
    if (rows.memory() != matrix.memory() || rows.offset() != matrix.place(from, 0)) {
      throw new IllegalArgumentException("Rows from %d on are kept that are not the operand's own".formatted(from));
    }
  }

  @Override
  public Matrix floats(int from, int to) {
    return matrix.rows(from, to);
  }

  static Matrix matrix(Operand operand) {
    return ((FloatOperand) operand).matrix();
  }
}
