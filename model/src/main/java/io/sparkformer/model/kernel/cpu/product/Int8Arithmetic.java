package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.memory.HostMemory;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;

/**
 * Products of 8-bit integers by AVX-512's VNNI instructions, which multiply four times as many of them as float32 values. Activations
 * and gradients have a scale for each row, weights for each output or input: after Wortsman et al. 2023, "Stable and low-precision training
 * for large-scale vision-language models" (SwitchBack), and, for stochastic rounding of gradients, Banner et al. 2018, "Scalable methods
 * for 8-bit training of neural networks".
 */
public final class Int8Arithmetic implements Arithmetic {
  private static final int LOGIT_ROWS = 192;
  /** Elements of one slab of logits: 32 MB. */
  private static final int SLAB_ELEMENTS = 1 << 25;

  private final Int8WeightGradients weightGradients = new Int8WeightGradients();
  /** Counts the updates of the parameters. */
  private int version;

  @Override
  public String name() {
    return "8-bit integers with 32-bit sums";
  }

  @Override
  public Operand operand(HostMemory memory, Role role, int rows, int columns) {
    return Int8Operand.of(memory, role, rows, columns);
  }

  @Override
  public Operand operand(HostMemory memory, Role role, Matrix rows) {
    return operand(memory, role, rows.rows(), rows.columns());
  }

  @Override
  public Weights weights(Matrix values) {
    return new Int8Weights(this, values);
  }

  @Override
  public void parametersChanged() {
    version++;
  }

  int version() {
    return version;
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
    return RowBlocks.of(rows, SLAB_ELEMENTS / vocabulary, Int8Operand.PADDING);
  }
}
