package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.cpu.memory.Floats;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;

/** Float32 weights packed for the forward product: for inference, which reads them again and again. */
final class PackedFloats implements Arithmetic.Weights {
  private final Float32Arithmetic arithmetic;
  private final Matrix values;
  private final PackedBlocks packed;
  private int version = -1;

  PackedFloats(Float32Arithmetic arithmetic, Matrix values) {
    this.arithmetic = arithmetic;
    this.values = values;
    this.packed = new PackedBlocks(ElementType.FLOAT32, PackedBlocks.Way.FORWARD, outputs(), inputs());
  }

  @Override
  public Matrix values() {
    return values;
  }

  @Override
  public long derivedBytes() {
    return packed.bytes();
  }

  @Override
  public RowBlocks outputBlocks() {
    return packed.blocks();
  }

  @Override
  public void prepare(Team team, Pass pass) {
    if (version != arithmetic.version()) {
      RowBlocks blocks = packed.blocks();
      team.run(blocks.count(), block -> packed.pack(block, rows(values.rows(blocks.start(block), blocks.end(block)))));
      version = arithmetic.version();
    }
  }

  private static ProductRows rows(Matrix matrix) {
    Floats memory = matrix.memory();
    return new ProductRows(ElementType.FLOAT32, memory.address() + (long) Float.BYTES * matrix.offset(), matrix.rows(), matrix.stride(),
        false);
  }

  @Override
  public void multiply(Operand x, int from, int to, Matrix out) {
    ProductRows rows = rows(FloatOperand.matrix(x));
    RowBlocks panels = packed.blocks();
    for (int panel = from / panels.unit(); panel < panels.count() && panels.start(panel) < to; panel++) {
      int first = panels.start(panel);
      packed.multiply(panel, rows, out.columns(first - from, panels.end(panel) - from), Primitives.Sum.NEW);
    }
  }

  @Override
  public void multiplyBackward(Operand dy, Matrix dx) {
    throw new UnsupportedOperationException("Weights of inference have no backward product");
  }
}
