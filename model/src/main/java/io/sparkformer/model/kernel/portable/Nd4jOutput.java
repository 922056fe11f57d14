package io.sparkformer.model.kernel.portable;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

final class Nd4jOutput implements OutputKernel {
  /** Elements of one block of logits: 16 MB of float32. */
  private static final int BLOCK_ELEMENTS = 1 << 22;

  private final Weight table;
  private final double labelSmoothing;

  Nd4jOutput(Weight table, double labelSmoothing) {
    this.table = table;
    this.labelSmoothing = labelSmoothing;
  }

  @Override
  public INDArray logits(INDArray x, LayerWorkspaceMgr space) {
    INDArray weights = table.value();
    INDArray out = space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), new long[] {x.size(0), weights.size(0)}, 'c');
    return Nd4jOps.productWithTransposed(x, weights, out, 1);
  }

  @Override
  public NextTokens nextTokens(INDArray x, int k, int endToken) {
    int rows = (int) x.size(0);
    int vocabulary = (int) table.value().size(0);
    INDArray logits = Nd4jOps.temporary(x.dataType(), rows, vocabulary);
    float[] host = Nd4jOps.productWithTransposed(x, table.value(), logits, 1).data().asFloat();
    TopTokens top = new TopTokens(rows, k, endToken);
    for (int row = 0; row < rows; row++) {
      top.row(row, host, row * vocabulary, vocabulary, logNormalizer(host, row * vocabulary, vocabulary));
    }
    return top.nextTokens();
  }

  private static double logNormalizer(float[] logits, int from, int count) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      max = Math.max(max, logits[i]);
    }
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += Math.exp(logits[i] - max);
    }
    return max + Math.log(sum);
  }

  @Override
  public Loss loss(INDArray x, INDArray targets) {
    return blocks(x, targets, null);
  }

  @Override
  public Result lossAndGradient(INDArray x, INDArray targets, LayerWorkspaceMgr space) {
    INDArray inputGradient = space.createUninitialized(ArrayType.ACTIVATION_GRAD, x.dataType(), x.shape(), 'c');
    return new Result(blocks(x, targets, inputGradient), inputGradient);
  }

  /** One block of rows after another; with {@code inputGradient} null, the loss alone. */
  private Loss blocks(INDArray x, INDArray targets, INDArray inputGradient) {
    INDArray weights = table.value();
    int tokens = (int) x.size(0);
    int vocabulary = (int) weights.size(0);
    int blockRows = Math.max(1, Math.min(tokens, BLOCK_ELEMENTS / vocabulary));
    int[] target = targets.toIntVector();
    if (target.length != tokens) {
      throw new IllegalArgumentException("There must be one target for each row: rows=%d, targets=%d".formatted(tokens, target.length));
    }
    Loss loss = Loss.ZERO;
    for (int from = 0; from < tokens; from += blockRows) {
      int to = Math.min(tokens, from + blockRows);
      INDArray rows = Nd4jOps.rows(x, from, to);
      INDArray block = Nd4jOps.temporary(x.dataType(), to - from, vocabulary);
      Nd4jOps.productWithTransposed(rows, weights, block, 1);
      loss = loss.plus(toProbabilities(block, target, from));
      if (inputGradient != null) {
        // d loss / d logits = softmax - (1 - smoothing) at the target - smoothing / vocabulary everywhere
        for (int i = 0; i < to - from; i++) {
          block.putScalar(i, target[from + i], block.getDouble(i, target[from + i]) - (1 - labelSmoothing));
        }
        if (labelSmoothing > 0) {
          block.subi(labelSmoothing / vocabulary);
        }
        Nd4jOps.product(block, weights, Nd4jOps.rows(inputGradient, from, to));
        Nd4jOps.addProductOfTransposed(block, rows, table.gradient());
      }
    }
    return loss;
  }

  /** Turns a block of logits into probabilities, in place; returns the loss of its rows. */
  private Loss toProbabilities(INDArray block, int[] target, int from) {
    int vocabulary = (int) block.size(1);
    block.subiColumnVector(block.max(true, 1));
    double[] chosen = new double[(int) block.size(0)];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = block.getDouble(i, target[from + i]);
    }
    double[] logitSums = labelSmoothing > 0 ? block.sum(1).toDoubleVector() : new double[chosen.length];
    Transforms.exp(block, false);
    INDArray sums = block.sum(true, 1);
    double[] normalizers = sums.reshape(sums.length()).toDoubleVector();
    block.diviColumnVector(sums);
    double smoothed = 0;
    double negativeLogLikelihood = 0;
    for (int i = 0; i < chosen.length; i++) {
      double logNormalizer = Math.log(normalizers[i]);
      double nll = logNormalizer - chosen[i];
      negativeLogLikelihood += nll;
      smoothed += (1 - labelSmoothing) * nll + labelSmoothing * (logNormalizer - logitSums[i] / vocabulary);
    }
    return new Loss(smoothed, negativeLogLikelihood, chosen.length);
  }
}
