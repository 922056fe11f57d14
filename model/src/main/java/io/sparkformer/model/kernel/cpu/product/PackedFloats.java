package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;

/** Float32 weights packed for the forward product: for inference, which reads them again and again. */
final class PackedFloats implements Arithmetic.Weights {
  private final Float32Arithmetic arithmetic;
  private final Matrix values;
  private final PackedBlocks packed;

  PackedFloats(Float32Arithmetic arithmetic, Matrix values) {
    this.arithmetic = arithmetic;
    this.values = values;
    this.packed = PackedBlocks.ofPanels(values.rows());
  }

  /** Rows where they are. */
  private record Plain(Matrix matrix) implements PackedBlocks.Rows {
    @Override
    public boolean hasRoom() {
      return false;
    }

    @Override
    public int rows() {
      return matrix.rows();
    }

    @Override
    public int columns() {
      return matrix.columns();
    }

    @Override
    public int stride() {
      return matrix.stride();
    }

    @Override
    public long address(int row, int column) {
      return matrix.memory().address() + (long) Float.BYTES * matrix.place(row, column);
    }
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
    if (!packed.isOf(arithmetic.version())) {
      RowBlocks blocks = packed.blocks();
      team.run(blocks.count(), block -> {
        int outputs = blocks.end(block) - blocks.start(block);
        Primitives primitives = Primitives.float32();
        primitives.reorder(new Primitives.Packing(inputs(), outputs, 1, values.stride()), new Plain(values).address(blocks.start(block), 0),
            packed.memory(block, primitives.packedBytes(inputs(), outputs)));
      });
      packed.madeOf(arithmetic.version());
    }
  }

  @Override
  public void multiply(Operand x, int from, int to, Matrix out) {
    Plain rows = new Plain(FloatOperand.matrix(x));
    RowBlocks panels = packed.blocks();
    for (int panel = packed.indexOf(from); panel < panels.count() && panels.start(panel) < to; panel++) {
      int first = panels.start(panel);
      packed.multiply(Primitives.float32(), rows, panel, out.columns(first - from, panels.end(panel) - from), Primitives.Sum.NEW);
    }
  }

  @Override
  public void multiplyBackward(Operand dy, Matrix dx) {
    throw new UnsupportedOperationException("Weights of inference have no backward product");
  }
}
