package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.SpanKernel;
import io.sparkformer.model.kernel.cuda.array.DeviceArray;
import io.sparkformer.model.kernel.cuda.product.DeviceMatrix;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The products run on the device; the two scores of each token are so few numbers that softmax and loss are computed on the host. */
final class CudaSpan implements SpanKernel {
  private static final int ENDS = 2;

  private final CudaEngine engine;
  private final CudaLinear linear;

  CudaSpan(CudaEngine engine, CudaLinear linear) {
    if (linear.outputs() != ENDS) {
      throw new IllegalArgumentException("A span has 2 scores a token, its weights are for %d".formatted(linear.outputs()));
    }
    this.engine = engine;
    this.linear = linear;
  }

  @Override
  public INDArray logits(INDArray x, Space space) {
    try (Call call = Call.of(engine)) {
      Call.Result result = call.result(space, x.size(0), ENDS);
      linear.forward(call.factor(DeviceMatrix.of(call.scratchOf(x), x.size(0), x.size(1))), result.matrix());
      return result.array();
    }
  }

  @Override
  public Loss loss(INDArray x, Segments segments, INDArray labels) {
    try (Call call = Call.of(engine)) {
      DeviceArray scores = call.scratch(x.size(0), ENDS);
      linear.forward(call.factor(DeviceMatrix.of(call.scratchOf(x), x.size(0), x.size(1))), Call.matrix(scores));
      return toGradients(scores, segments, labels.toIntMatrix(), 0);
    }
  }

  @Override
  public OutputKernel.Result lossAndGradient(INDArray x, Segments segments, INDArray labels, double weight, Space space) {
    try (Call call = Call.of(engine)) {
      Call.Result result = call.result(space, x.shape());
      DeviceMatrix in = call.factor(DeviceMatrix.of(call.scratchOf(x), x.size(0), x.size(1)));
      DeviceArray scores = call.scratch(x.size(0), ENDS);
      linear.forward(in, Call.matrix(scores));
      Loss loss = toGradients(scores, segments, labels.toIntMatrix(), weight);
      DeviceMatrix gradient = call.factor(Call.matrix(scores));
      linear.addWeightGradient(gradient, in);
      linear.addBiasGradient(call, Call.matrix(scores), 0);
      linear.inputGradient(gradient, result.matrix());
      return new OutputKernel.Result(loss, result.array());
    }
  }

  /** Replaces the scores by the gradients of {@code weight} times the loss's sum over sequences; returns it. */
  private Loss toGradients(DeviceArray scores, Segments segments, int[][] places, double weight) {
    if (places.length != segments.sentences()) {
      throw new IllegalArgumentException("There must be a span for each sequence: sequences=%d, spans=%d"
          .formatted(segments.sentences(), places.length));
    }
    float[] values = new float[(int) scores.length()];
    try (FloatPointer host = new FloatPointer(values.length)) {
      engine.queue().download(scores.address(), host, scores.bytes());
      host.get(values);
      double loss = 0;
      for (int s = 0; s < segments.sentences(); s++) {
        for (int end = 0; end < ENDS; end++) {
          loss += crossEntropy(values, segments, s, end, places[s][end], weight / ENDS) / ENDS;
        }
      }
      host.put(values);
      engine.queue().upload(host, scores.address(), scores.bytes());
      return new Loss(loss, loss, segments.sentences(), 0);
    }
  }

  /** Of the softmax over one score of a sequence's tokens, which becomes {@code weight} times its gradient. */
  private static double crossEntropy(float[] scores, Segments segments, int sequence, int end, int label, double weight) {
    int length = segments.length(sequence);
    if (label < 0 || label >= length) {
      throw new IllegalArgumentException("The answer of sequence %d has its %s token at place %d, but the sequence has %d tokens"
          .formatted(sequence, end == 0 ? "first" : "last", label, length));
    }
    int from = segments.start(sequence) * ENDS + end;
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < length; i++) {
      max = Math.max(max, scores[from + i * ENDS]);
    }
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += Math.exp(scores[from + i * ENDS] - max);
    }
    double loss = max + Math.log(sum) - scores[from + label * ENDS];
    for (int i = 0; i < length; i++) {
      double probability = Math.exp(scores[from + i * ENDS] - max) / sum;
      scores[from + i * ENDS] = (float) (weight * (probability - (i == label ? 1 : 0)));
    }
    return loss;
  }
}
