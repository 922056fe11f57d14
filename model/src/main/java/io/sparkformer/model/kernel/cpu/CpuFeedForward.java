package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.FeedForwardKernel;
import io.sparkformer.model.kernel.FeedForwardWeights;
import io.sparkformer.model.kernel.Pass;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Both products of a block of rows, and everything between them, one after another on one core. Of few rows, as in decoding, each product
 * is cut by its outputs instead.
 */
final class CpuFeedForward implements FeedForwardKernel {
  private final Engine engine;
  private final Linear inner;
  private final Linear outer;
  private final Activation activation;
  private final Dropout dropout;
  private final ColumnSums innerSums = new ColumnSums();
  private final ColumnSums outerSums = new ColumnSums();
  /** Before activation, of a GELU only: {@code [tokens, ffn]}. */
  private final Buffer sums = new Buffer();
  /** After activation and dropout: {@code [tokens, ffn]}. */
  private final Buffer activated = new Buffer();

  private Matrix x;
  private long firstToken;
  private Pass pass;

  CpuFeedForward(Engine engine, FeedForwardWeights weights, Activation activation, Dropout dropout) {
    this.engine = engine;
    this.inner = Linear.of(weights.inner(), weights.innerBias());
    this.outer = Linear.of(weights.outer(), weights.outerBias());
    this.activation = activation;
    this.dropout = dropout;
  }

  @Override
  public INDArray forward(INDArray x, long firstToken, Pass pass, LayerWorkspaceMgr space) {
    INDArray result = space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), new long[] {x.size(0), outer.outputs()}, 'c');
    Matrix in = Matrix.of(x);
    Matrix out = Matrix.of(result);
    Matrix hidden = activated.matrix(in.rows(), inner.outputs());
    Matrix before = activation == Activation.RELU ? hidden : sums.matrix(in.rows(), inner.outputs());
    Masks masks = Masks.of(dropout, pass, firstToken);
    RowBlocks blocks = RowBlocks.of(in.rows());
    if (blocks.count() < engine.team().threads()) {
      inner.multiply(engine.team(), in, before);
      activate(before, hidden, masks, 0);
      outer.forward(engine.team(), hidden, out);
    } else {
      engine.team().run(blocks.count(), block -> {
        int from = blocks.start(block);
        int to = blocks.end(block);
        inner.multiply(in.rows(from, to), before.rows(from, to));
        activate(before.rows(from, to), hidden.rows(from, to), masks, from);
        outer.forward(hidden.rows(from, to), out.rows(from, to));
      });
    }
    if (pass.isTraining()) {
      this.x = in;
      this.firstToken = firstToken;
      this.pass = pass;
    }
    return result;
  }

  private void activate(Matrix before, Matrix after, Masks masks, int firstRow) {
    if (activation == Activation.RELU) {
      ActivationRows.relu(after, inner.bias(), masks, firstRow);
    } else {
      ActivationRows.gelu(before, inner.bias(), masks, firstRow, after);
    }
  }

  @Override
  public INDArray backward(INDArray outputGradient, LayerWorkspaceMgr space) {
    INDArray result = space.createUninitialized(ArrayType.ACTIVATION_GRAD, outputGradient.dataType(),
        new long[] {x.rows(), x.columns()}, 'c');
    Matrix dy = Matrix.of(outputGradient);
    Matrix dx = Matrix.of(result);
    Matrix hidden = activated.matrix(x.rows(), inner.outputs());
    Matrix gradient = engine.scratch(0).matrix(x.rows(), inner.outputs());
    Masks masks = Masks.of(dropout, pass, firstToken);
    RowBlocks blocks = RowBlocks.of(x.rows());
    innerSums.begin(blocks.count(), inner.outputs());
    outerSums.begin(blocks.count(), outer.outputs());
    engine.team().run(blocks.count(), block -> {
      int from = blocks.start(block);
      int to = blocks.end(block);
      Matrix rows = gradient.rows(from, to);
      outerSums.add(block, dy.rows(from, to));
      outer.inputGradient(dy.rows(from, to), rows);
      if (activation == Activation.RELU) {
        ActivationRows.reluBackward(rows, hidden.rows(from, to), masks.scale());
      } else {
        ActivationRows.geluBackward(rows, sums.matrix(x.rows(), inner.outputs()).rows(from, to), masks, from);
      }
      innerSums.add(block, rows);
      inner.inputGradient(rows, dx.rows(from, to));
    });
    innerSums.addTo(inner.biasGradient());
    outerSums.addTo(outer.biasGradient());
    Linear.addWeightGradients(engine.team(), outer.weightGradient(dy, hidden), inner.weightGradient(gradient, x));
    return result;
  }
}
