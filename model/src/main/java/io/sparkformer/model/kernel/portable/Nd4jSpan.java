package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.SpanKernel;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The two scores of each token are so few numbers that softmax and loss are computed in Java's doubles. */
final class Nd4jSpan implements SpanKernel {
  private static final int ENDS = 2;

  private final Nd4jLinear linear;
  private final Nd4jMemory memory;

  Nd4jSpan(Nd4jLinear linear, Nd4jMemory memory) {
    this.linear = linear;
    this.memory = memory;
  }

  @Override
  public INDArray logits(INDArray x, Space space) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      return linear.forward(x, space.array(x.dataType(), x.size(0), ENDS));
    }
  }

  @Override
  public Loss loss(INDArray x, Segments segments, INDArray labels) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      return toGradients(scores(x), segments, labels.toIntMatrix());
    }
  }

  @Override
  public OutputKernel.Result lossAndGradient(INDArray x, Segments segments, INDArray labels, double weight, Space space) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      INDArray inputGradient = space.array(x.dataType(), x.shape());
      double[] scores = scores(x);
      Loss loss = toGradients(scores, segments, labels.toIntMatrix());
      INDArray gradient = Nd4jOps.fromHost(scores, x.dataType(), x.size(0), ENDS).muli(weight);
      linear.addGradients(gradient, x);
      return new OutputKernel.Result(loss, linear.inputGradient(gradient, inputGradient));
    }
  }

  /** Row-major {@code [tokens, 2]}. */
  private double[] scores(INDArray x) {
    return linear.forward(x, Nd4jOps.temporary(x.dataType(), x.size(0), ENDS)).data().asDouble();
  }

  /** Replaces the scores by the gradients of the loss's sum over sequences; returns it. */
  private static Loss toGradients(double[] scores, Segments segments, int[][] labels) {
    double loss = 0;
    for (int s = 0; s < segments.sentences(); s++) {
      for (int end = 0; end < ENDS; end++) {
        int label = labels[s][end];
        if (label < 0 || label >= segments.length(s)) {
          throw new IllegalArgumentException("The answer of sequence %d has its %s token at place %d, but the sequence has %d tokens"
              .formatted(s, end == 0 ? "first" : "last", label, segments.length(s)));
        }
        loss += crossEntropy(scores, segments.start(s) * ENDS + end, segments.length(s), label);
      }
    }
    return new Loss(loss, loss, segments.sentences(), 0);
  }

  /** Half a cross-entropy over the scores at {@code from, from + 2, ...}; replaces them by its gradients. */
  private static double crossEntropy(double[] scores, int from, int count, int label) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, scores[from + i * ENDS]);
    }
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.exp(scores[from + i * ENDS] - max);
    }
    double logNormalizer = max + Math.log(sum);
    double loss = (logNormalizer - scores[from + label * ENDS]) / ENDS;
    for (int i = 0; i < count; i++) {
      int at = from + i * ENDS;
      scores[at] = (Math.exp(scores[at] - logNormalizer) - (i == label ? 1 : 0)) / ENDS;
    }
    return loss;
  }
}
