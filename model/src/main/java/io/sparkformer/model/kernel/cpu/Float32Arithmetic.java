package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.Pass;

/** Float32 products: everything is read where it is, and nothing is derived from the weights. */
final class Float32Arithmetic implements Arithmetic {
  /** Outputs of one part of a product: with fewer, oneDNN adds up an element's terms in another order. */
  private static final int FEWEST_OUTPUTS = 128;
  private static final int LOGIT_ROWS = 96;
  /** Elements of one slab of logits: 16 MB. */
  private static final int SLAB_ELEMENTS = 1 << 22;

  @Override
  public String name() {
    return "float32";
  }

  @Override
  public Operand operand(Buffer memory, int rows, int columns) {
    return new FloatOperand(memory.matrix(rows, columns));
  }

  @Override
  public Operand operand(Buffer memory, Matrix rows) {
    return new FloatOperand(rows);
  }

  @Override
  public Weights weights(Matrix values) {
    return new InPlace(values);
  }

  @Override
  public void parametersChanged() {
    // Products read the parameters where they are.
  }

  @Override
  public void addWeightGradients(Team team, WeightGradient... gradients) {
    int parts = team.threads() == 1 ? 1 : 2 * team.threads();
    team.run(parts * gradients.length, part -> {
      WeightGradient gradient = gradients[part / parts];
      RowBlocks blocks = new RowBlocks(gradient.weights().rows(), parts, 1);
      int from = blocks.start(part % parts);
      int to = blocks.end(part % parts);
      if (from < to) {
        Products.addProductOfTransposed(FloatOperand.matrix(gradient.outputGradient()).columns(from, to),
            FloatOperand.matrix(gradient.x()), gradient.weights().rows(from, to));
      }
    });
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
  record InPlace(Matrix values) implements Weights {
    @Override
    public void prepare(Team team, Pass pass) {
      // There is nothing to derive.
    }

    @Override
    public int outputs() {
      return values.rows();
    }

    @Override
    public int inputs() {
      return values.columns();
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
