package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.rows.Bfloat16Rows;

/** Rows rounded to bfloat16, but written as float32, for products that read nothing else. */
record RoundedOperand(Matrix matrix) implements InFloats {
  @Override
  public Operand rows(int from, int to) {
    return new RoundedOperand(matrix.rows(from, to));
  }

  @Override
  public Operand columns(int from, int to) {
    return new RoundedOperand(matrix.columns(from, to));
  }

  @Override
  public void keep(Matrix rows, int from) {
    for (int i = 0; i < rows.rows(); i++) {
      Bfloat16Rows.roundInFloats(rows.bytes(), rows.place(i, 0), matrix.bytes(), matrix.place(from + i, 0), rows.columns());
    }
  }

  /** The same memory, as float32 products read it. */
  static FloatOperand asFloats(Operand operand) {
    return new FloatOperand(((RoundedOperand) operand).matrix());
  }
}
