package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.memory.HostMemory;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;

/**
 * bfloat16 products by oneDNN's primitives, which use AMX where the processor has it. Sums are float32. Weights are rounded and packed
 * once an update, in the layout that oneDNN's products like best; activations and gradients are rounded by whoever writes them.
 */
public final class Bfloat16Arithmetic implements Arithmetic {
  private static final int LOGIT_ROWS = 192;
  /** Elements of one slab of logits: 32 MB. */
  private static final int SLAB_ELEMENTS = 1 << 24;

  /** Plain rounded weights, on their way into packed layouts. */
  private final HostMemory staging = new HostMemory();
  private final Bfloat16WeightGradients weightGradients = new Bfloat16WeightGradients();
  private int version;

  @Override
  public String name() {
    return "bfloat16 with float32 sums";
  }

  @Override
  public Operand operand(HostMemory memory, Role role, int rows, int columns) {
    return Bfloat16Operand.of(memory, rows, columns);
  }

  @Override
  public Operand operand(HostMemory memory, Role role, Matrix rows) {
    return operand(memory, role, rows.rows(), rows.columns());
  }

  @Override
  public Weights weights(Matrix values) {
    return new PackedWeights(this, values);
  }

  @Override
  public void parametersChanged() {
    version++;
  }

  /** Counts the updates of the parameters. */
  int version() {
    return version;
  }

  HostMemory staging() {
    return staging;
  }

  @Override
  public void addWeightGradients(Team team, WeightGradient... gradients) {
    weightGradients.add(team, gradients);
  }

  @Override
  public int logitRows() {
    return LOGIT_ROWS;
  }

  @Override
  public RowBlocks slabs(int rows, int vocabulary) {
    // Sums over rows take whole multiples, and are cut nowhere else.
    return RowBlocks.of(rows, SLAB_ELEMENTS / vocabulary, Bfloat16Operand.PADDING);
  }
}
