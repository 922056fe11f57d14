package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.memory.Matrix;

/** An operand whose rows lie in float32 memory, where they can be made and read in place. */
interface InFloats extends Operand {
  Matrix matrix();

  @Override
  default int rows() {
    return matrix().rows();
  }

  @Override
  default int columns() {
    return matrix().columns();
  }

  @Override
  default Matrix draft(int from, int to) {
    return matrix().rows(from, to);
  }

  @Override
  default Matrix floats(int from, int to) {
    return matrix().rows(from, to);
  }
}
