package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.cpu.memory.Buffer;
import io.sparkformer.model.kernel.cpu.memory.HostMemory;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import java.util.Arrays;

/**
 * What bfloat16 products give, on processors that have none: inputs are rounded to bfloat16, and float32 products read them. As fast as
 * float32 where oneDNN's own emulation takes several times as long.
 */
public final class EmulatedBfloat16Arithmetic implements Arithmetic {
  private final Float32Arithmetic products = new Float32Arithmetic();
  /** Counts the updates of the parameters. */
  private int version;

  @Override
  public String name() {
    return "bfloat16 emulated by float32 products";
  }

  @Override
  public Operand operand(HostMemory memory, Role role, int rows, int columns) {
    return new RoundedOperand(memory.matrix(rows, columns));
  }

  @Override
  public Operand operand(HostMemory memory, Role role, Matrix rows) {
    return operand(memory, role, rows.rows(), rows.columns());
  }

  @Override
  public Weights weights(Matrix values) {
    return new Rounded(values);
  }

  @Override
  public void parametersChanged() {
    version++;
  }

  @Override
  public void addWeightGradients(Team team, WeightGradient... gradients) {
    products.addWeightGradients(team, Arrays.stream(gradients).map(gradient -> new WeightGradient(
        RoundedOperand.asFloats(gradient.outputGradient()), RoundedOperand.asFloats(gradient.x()), gradient.weights()))
        .toArray(WeightGradient[]::new));
  }

  @Override
  public int logitRows() {
    return products.logitRows();
  }

  @Override
  public RowBlocks slabs(int rows, int vocabulary) {
    return products.slabs(rows, vocabulary);
  }

  /** Weights whose rounded values are made once an update. */
  private final class Rounded implements Weights {
    private final Matrix values;
    private final RowBlocks outputBlocks;
    private final Buffer memory = new Buffer();
    private Weights rounded;
    private int roundedVersion = -1;

    Rounded(Matrix values) {
      this.values = values;
      this.outputBlocks = products.weights(values).outputBlocks();
    }

    @Override
    public void prepare(Team team, Pass pass) {
      if (roundedVersion == version) {
        return;
      }
      Matrix copy = memory.matrix(values.rows(), values.columns());
      Operand operand = new RoundedOperand(copy);
      RowBlocks blocks = RowBlocks.of(values.rows());
      team.run(blocks.count(), block ->
          operand.keep(values.rows(blocks.start(block), blocks.end(block)), blocks.start(block)));
      rounded = products.weights(copy);
      roundedVersion = version;
    }

    @Override
    public long derivedBytes() {
      return rounded == null ? 0 : (long) Float.BYTES * values.rows() * values.columns();
    }

    @Override
    public Matrix values() {
      return values;
    }

    @Override
    public RowBlocks outputBlocks() {
      return outputBlocks;
    }

    @Override
    public void multiply(Operand x, int from, int to, Matrix out) {
      rounded.multiply(RoundedOperand.asFloats(x), from, to, out);
    }

    @Override
    public void multiplyBackward(Operand dy, Matrix dx) {
      rounded.multiplyBackward(RoundedOperand.asFloats(dy), dx);
    }
  }
}
