package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.LossTerms;
import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.TopTokens;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

final class Nd4jOutput implements OutputKernel {
  /** Elements of one block of logits: 16 MB of float32. */
  private static final int BLOCK_ELEMENTS = 1 << 22;

  private final Nd4jLinear linear;
  private final int classes;
  private final double scale;
  private final LossTerms terms;
  private final Nd4jMemory memory;

  Nd4jOutput(Nd4jLinear linear, double scale, LossTerms terms, Nd4jMemory memory) {
    this.linear = linear;
    this.classes = (int) linear.out();
    this.scale = scale;
    this.terms = terms;
    this.memory = memory;
  }

  @Override
  public INDArray logits(INDArray x, Space space) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      return linear.forward(x.mul(scale), space.array(x.dataType(), x.size(0), classes));
    }
  }

  @Override
  public NextTokens nextTokens(INDArray x, int k, int endToken) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      int rows = (int) x.size(0);
      float[] host = linear.forward(x.mul(scale), Nd4jOps.temporary(x.dataType(), rows, classes)).data().asFloat();
      TopTokens top = new TopTokens(rows, k, endToken);
      for (int row = 0; row < rows; row++) {
        top.row(row, host, row * classes, classes, logNormalizer(host, row * classes, classes));
      }
      return top.nextTokens();
    }
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
  public Loss loss(INDArray x, INDArray labels) {
    int[] label = checked(labels, x.size(0));
    Loss loss = Loss.ZERO;
    for (int[] rows : blocks(label)) {
      try (MemoryWorkspace scratch = memory.scratch()) {
        loss = loss.plus(toProbabilities(linear.forward(scaled(x, rows), block(x, rows)), new Rows(labelsOf(label, rows))));
      }
    }
    return loss;
  }

  @Override
  public Result lossAndGradient(INDArray x, INDArray labels, double weight, Space space) {
    INDArray inputGradient = space.array(x.dataType(), x.shape()).assign(0);
    int[] label = checked(labels, x.size(0));
    Loss loss = Loss.ZERO;
    for (int[] rows : blocks(label)) {
      try (MemoryWorkspace scratch = memory.scratch()) {
        INDArray read = scaled(x, rows);
        INDArray block = linear.forward(read, block(x, rows));
        Rows labelled = new Rows(labelsOf(label, rows));
        loss = loss.plus(toProbabilities(block, labelled));
        toGradients(block, labelled).muli(weight);
        linear.addGradients(block, read);
        INDArray rowGradients = linear.inputGradient(block, Nd4jOps.temporary(x.dataType(), rows.length, x.size(1))).muli(scale);
        Nd4jOps.scatterAdd(rowGradients, rows, inputGradient);
      }
    }
    return new Result(loss, inputGradient);
  }

  /** The labels of all rows. */
  private int[] checked(INDArray labels, long rows) {
    int[] label = labels.toIntVector();
    if (label.length != rows) {
      throw new IllegalArgumentException("There must be one label for each row: rows=%d, labels=%d".formatted(rows, label.length));
    }
    for (int i = 0; i < label.length; i++) {
      if (label[i] >= classes) {
        throw new IllegalArgumentException("Label %d of row %d is not below the number of classes, %d".formatted(label[i], i, classes));
      }
    }
    return label;
  }

  /** The rows that have a label, in blocks. */
  private int[][] blocks(int[] label) {
    int[] labelled = IntStream.range(0, label.length).filter(row -> label[row] >= 0).toArray();
    int blockRows = Math.max(1, BLOCK_ELEMENTS / classes);
    int[][] blocks = new int[(labelled.length + blockRows - 1) / blockRows][];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = Arrays.copyOfRange(labelled, i * blockRows, Math.min(labelled.length, (i + 1) * blockRows));
    }
    return blocks;
  }

  private static int[] labelsOf(int[] label, int[] rows) {
    return Arrays.stream(rows).map(row -> label[row]).toArray();
  }

  private INDArray scaled(INDArray x, int[] rows) {
    return Nd4jOps.gather(x, rows, Nd4jOps.temporary(x.dataType(), rows.length, x.size(1))).muli(scale);
  }

  private INDArray block(INDArray x, int[] rows) {
    return Nd4jOps.temporary(x.dataType(), rows.length, classes);
  }

  /** The labels, and log Z of each row, whose loss and gradient are made of them and the probabilities. */
  private record Rows(int[] target, double[] logNormalizers) {
    Rows(int[] target) {
      this(target, new double[target.length]);
    }
  }

  /**
   * d loss / d logits = softmax * (1 + 2 * zLoss * log Z) - (1 - smoothing) at the target - smoothing / classes everywhere; in place.
   */
  private INDArray toGradients(INDArray probabilities, Rows rows) {
    double labelSmoothing = terms.labelSmoothing();
    if (terms.zLoss() > 0) {
      double[] factors = Arrays.stream(rows.logNormalizers).map(logNormalizer -> 1 + 2 * terms.zLoss() * logNormalizer).toArray();
      probabilities.muliColumnVector(Nd4j.createFromArray(factors).reshape(factors.length, 1).castTo(probabilities.dataType()));
    }
    for (int i = 0; i < rows.target.length; i++) {
      probabilities.putScalar(i, rows.target[i], probabilities.getDouble(i, rows.target[i]) - (1 - labelSmoothing));
    }
    return labelSmoothing > 0 ? probabilities.subi(labelSmoothing / classes) : probabilities;
  }

  /** Turns a block of logits into probabilities, in place; returns the loss of its rows. */
  private Loss toProbabilities(INDArray block, Rows rows) {
    double labelSmoothing = terms.labelSmoothing();
    INDArray largest = block.max(true, 1);
    double[] maxima = largest.reshape(largest.length()).toDoubleVector();
    block.subiColumnVector(largest);
    double[] chosen = new double[rows.target.length];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = block.getDouble(i, rows.target[i]);
    }
    double[] logitSums = labelSmoothing > 0 ? block.sum(1).toDoubleVector() : new double[chosen.length];
    Transforms.exp(block, false);
    INDArray sums = block.sum(true, 1);
    double[] normalizers = sums.reshape(sums.length()).toDoubleVector();
    block.diviColumnVector(sums);
    double smoothed = 0;
    double negativeLogLikelihood = 0;
    long correct = 0;
    for (int i = 0; i < chosen.length; i++) {
      double logNormalizer = Math.log(normalizers[i]);
      double nll = logNormalizer - chosen[i];
      rows.logNormalizers[i] = maxima[i] + logNormalizer;
      negativeLogLikelihood += nll;
      correct += chosen[i] == 0 ? 1 : 0;
      smoothed += (1 - labelSmoothing) * nll + labelSmoothing * (logNormalizer - logitSums[i] / classes)
          + terms.zLoss() * rows.logNormalizers[i] * rows.logNormalizers[i];
    }
    return new Loss(smoothed, negativeLogLikelihood, chosen.length, correct);
  }
}
