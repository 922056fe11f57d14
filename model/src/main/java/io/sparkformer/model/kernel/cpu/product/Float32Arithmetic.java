package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.cpu.memory.HostMemory;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.memory.Team;
import java.util.Arrays;

/** Float32 products: training reads everything where it is, inference packs the weights. */
public final class Float32Arithmetic implements Arithmetic {
  /** Outputs of one part of a product: with fewer, oneDNN adds up an element's terms in another order. */
  private static final int FEWEST_OUTPUTS = 128;
  private static final int LOGIT_ROWS = 256;
  /** Elements of one slab of logits: 64 MB. */
  private static final int SLAB_ELEMENTS = 1 << 24;
  /** Rows of a weight gradient made at a time: with more, what is summed up leaves a core's cache before the sum is complete. */
  private static final int GRADIENT_ROWS = 192;

  /** Counts the updates of the parameters. */
  private int version;

  @Override
  public String name() {
    return "float32";
  }

  @Override
  public Operand operand(HostMemory memory, Role role, int rows, int columns) {
    return new FloatOperand(memory.matrix(rows, columns));
  }

  @Override
  public Operand operand(HostMemory memory, Role role, Matrix rows) {
    return new FloatOperand(rows);
  }

  @Override
  public Weights weights(Matrix values) {
    return new InPlace(values, new PackedFloats(this, values));
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
    int[] parts = Arrays.stream(gradients).mapToInt(gradient -> parts(gradient).count()).toArray();
    team.run(parts, (which, part) -> add(gradients[which], part));
  }

  private static RowBlocks parts(WeightGradient gradient) {
    return RowBlocks.even(gradient.weights().rows(), GRADIENT_ROWS);
  }

  private static void add(WeightGradient gradient, int part) {
    RowBlocks blocks = parts(gradient);
    int from = blocks.start(part);
    int to = blocks.end(part);
    Products.addProductOfTransposed(FloatOperand.matrix(gradient.outputGradient()).columns(from, to), FloatOperand.matrix(gradient.x()),
        gradient.weights().rows(from, to));
  }

  @Override
  public int logitRows() {
    return LOGIT_ROWS;
  }

  @Override
  public RowBlocks slabs(int rows, int vocabulary) {
    return RowBlocks.of(rows, Math.max(1, SLAB_ELEMENTS / vocabulary));
  }

  /** Weights whose values float32 products read. */
  record InPlace(Matrix values, Weights forInference) implements Weights {
    @Override
    public void prepare(Team team, Pass pass) {
      // There is nothing to derive.
    }

    @Override
    public RowBlocks outputBlocks() {
      return new RowBlocks(outputs(), Math.max(1, outputs() / FEWEST_OUTPUTS), 1);
    }

    @Override
    public void multiply(Operand x, int from, int to, Matrix out) {
      Products.productWithTransposed(FloatOperand.matrix(x), values.rows(from, to), out);
    }

    @Override
    public void multiplyBackward(Operand dy, Matrix dx) {
      Products.product(FloatOperand.matrix(dy), values, dx);
    }
  }
}
