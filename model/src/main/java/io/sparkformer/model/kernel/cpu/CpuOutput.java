package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.TopTokens;
import io.sparkformer.model.kernel.Weight;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Works in slabs of rows. Within a slab, blocks of rows go through projection, softmax, loss and input gradient; then the slab's part of
 * the table's gradient is made.
 */
final class CpuOutput implements OutputKernel {
  /** Elements of one slab of logits: 16 MB. */
  private static final int SLAB_ELEMENTS = 1 << 22;
  private static final int BLOCK_ROWS = 96;
  /** Tokens of the vocabulary that one part of a decoding step scores. */
  private static final int STEP_COLUMNS = 1024;

  private final Engine engine;
  private final Weight weight;
  private final Matrix table;
  private final float labelSmoothing;

  CpuOutput(Engine engine, Weight weight, double labelSmoothing) {
    this.engine = engine;
    this.weight = weight;
    this.table = Matrix.of(weight.value());
    this.labelSmoothing = (float) labelSmoothing;
  }

  @Override
  public INDArray logits(INDArray x, LayerWorkspaceMgr space) {
    INDArray result = space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), new long[] {x.size(0), table.rows()}, 'c');
    Matrix in = Matrix.of(x);
    Matrix out = Matrix.of(result);
    RowBlocks blocks = RowBlocks.of(in.rows(), BLOCK_ROWS);
    engine.team().run(blocks.count(), block -> {
      int from = blocks.start(block);
      int to = blocks.end(block);
      Products.productWithTransposed(in.rows(from, to), table, out.rows(from, to));
    });
    return result;
  }

  @Override
  public NextTokens nextTokens(INDArray x, int k, int endToken) {
    Matrix in = Matrix.of(x);
    int vocabulary = table.rows();
    Matrix logits = engine.scratch(0).matrix(in.rows(), vocabulary);
    RowBlocks columns = RowBlocks.of(vocabulary, STEP_COLUMNS);
    engine.team().run(columns.count(), block -> {
      int from = columns.start(block);
      int to = columns.end(block);
      Products.productWithTransposed(in, table.rows(from, to), logits.columns(from, to));
    });
    TopTokens top = new TopTokens(in.rows(), k, endToken);
    engine.team().run(in.rows(), row -> {
      float[] host = new float[vocabulary];
      HeadRows.load(logits.bytes(), logits.place(row, 0), vocabulary, host, 0);
      top.row(row, host, 0, vocabulary, SoftmaxLossRows.logNormalizer(logits, row));
    });
    return top.nextTokens();
  }

  @Override
  public Loss loss(INDArray x, INDArray targets) {
    return slabs(Matrix.of(x), targets.toIntVector(), null);
  }

  @Override
  public Result lossAndGradient(INDArray x, INDArray targets, LayerWorkspaceMgr space) {
    INDArray inputGradient = space.createUninitialized(ArrayType.ACTIVATION_GRAD, x.dataType(), x.shape(), 'c');
    return new Result(slabs(Matrix.of(x), targets.toIntVector(), Matrix.of(inputGradient)), inputGradient);
  }

  /** One slab after another; with {@code inputGradient} null, the loss alone. */
  private Loss slabs(Matrix x, int[] targets, Matrix inputGradient) {
    if (targets.length != x.rows()) {
      throw new IllegalArgumentException("There must be one target for each row: rows=%d, targets=%d".formatted(x.rows(), targets.length));
    }
    Matrix gradient = inputGradient == null ? null : Matrix.of(weight.gradient());
    RowBlocks slabs = RowBlocks.of(x.rows(), Math.max(1, SLAB_ELEMENTS / table.rows()));
    Loss loss = Loss.ZERO;
    for (int slab = 0; slab < slabs.count(); slab++) {
      int start = slabs.start(slab);
      Matrix in = x.rows(start, slabs.end(slab));
      Matrix logits = engine.scratch(0).matrix(in.rows(), table.rows());
      RowBlocks blocks = RowBlocks.of(in.rows(), BLOCK_ROWS);
      Loss[] losses = new Loss[blocks.count()];
      engine.team().run(blocks.count(), block -> {
        int from = blocks.start(block);
        int to = blocks.end(block);
        Matrix rows = logits.rows(from, to);
        Products.productWithTransposed(in.rows(from, to), table, rows);
        losses[block] = SoftmaxLossRows.lossAndGradient(rows, targets, start + from, labelSmoothing);
        if (inputGradient != null) {
          Products.product(rows, table, inputGradient.rows(start + from, start + to));
        }
      });
      if (inputGradient != null) {
        Linear.addWeightGradients(engine.team(), new Linear.Gradient(logits, in, gradient));
      }
      for (Loss part : losses) {
        loss = loss.plus(part);
      }
    }
    return loss;
  }
}
