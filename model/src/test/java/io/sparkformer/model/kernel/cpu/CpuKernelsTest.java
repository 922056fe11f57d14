package io.sparkformer.model.kernel.cpu;

import static io.sparkformer.model.kernel.cpu.Sample.twin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.EmbeddingKernel;
import io.sparkformer.model.kernel.FeedForwardKernel;
import io.sparkformer.model.kernel.FeedForwardWeights;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Masking;
import io.sparkformer.model.kernel.Nd4jKernels;
import io.sparkformer.model.kernel.NormKernel;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.ResidualKernel;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Weight;
import java.util.stream.Stream;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Every kernel against the portable one, forward and backward, with dropout, at sizes around those of vectors and blocks. */
class CpuKernelsTest {
  private static final LayerWorkspaceMgr SPACE = LayerWorkspaceMgr.noWorkspaces();
  private static final Pass TRAINING = Pass.training(3);
  private static final Dropout DROPOUT = new Dropout(0.3, 42, 7);
  private static final int LANES = Lanes.COUNT;

  private final Kernels fast = new CpuKernels(2, arithmetic());
  private final Kernels portable = new Nd4jKernels();

  /** Subclasses run everything with another. */
  Arithmetic arithmetic() {
    return new Float32Arithmetic();
  }

  /** What values may differ by, relative to the largest of their array: rounding errors grow with the root of the terms. */
  double tolerance(int terms, long elements) {
    return 1e-5 * Math.max(1, Math.sqrt(terms) / 10);
  }

  /** Values for a feed-forward layer. */
  Sample sample(Activation activation, long seed) {
    return new Sample(seed);
  }

  /** Deviation of the weights of attention. */
  double attentionWeights(int dModel) {
    return 0.5;
  }

  private void assertClose(String what, INDArray found, INDArray expected, int terms) {
    Sample.assertClose(what, found, expected, tolerance(terms, expected.length()));
  }

  private void assertSameGradient(String what, Weight found, Weight expected, int terms) {
    assertClose("gradient of " + what, found.gradient(), expected.gradient(), terms);
  }

  /** Rows and columns around the sizes of vectors, of oneDNN's smallest products, and of blocks of rows. */
  static Stream<Arguments> sizes() {
    return Stream.of(
        Arguments.of(1, 4), Arguments.of(2, LANES - 2), Arguments.of(LANES - 1, LANES), Arguments.of(LANES, LANES + 2),
        Arguments.of(LANES + 1, 2 * LANES - 2), Arguments.of(3, 2 * LANES), Arguments.of(37, 58), Arguments.of(RowBlocks.ROWS, 34),
        Arguments.of(RowBlocks.ROWS + 1, 4 * LANES), Arguments.of(2 * RowBlocks.ROWS + 13, 2 * LANES + 6));
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void feedForwardAgrees(int tokens, int width) {
    for (Activation activation : Activation.values()) {
      for (Dropout dropout : new Dropout[] {Dropout.NONE, DROPOUT}) {
        Sample sample = sample(activation, tokens * 31L + width);
        int ffn = 3 * width + 1;
        FeedForwardWeights weights = new FeedForwardWeights(sample.weight(0.3, ffn, width), sample.weight(0.5, ffn),
            sample.weight(0.3, width, ffn), sample.weight(0.5, width));
        FeedForwardWeights twins = new FeedForwardWeights(twin(weights.inner()), twin(weights.innerBias()), twin(weights.outer()),
            twin(weights.outerBias()));
        INDArray x = sample.array(tokens, width);
        INDArray dy = sample.array(tokens, width);
        FeedForwardKernel found = fast.feedForward(twins, activation, dropout);
        FeedForwardKernel expected = portable.feedForward(weights, activation, dropout);
        assertClose("inference", found.forward(x, 5, Pass.INFERENCE, SPACE), expected.forward(x, 5, Pass.INFERENCE, SPACE), ffn);
        assertClose("output", found.forward(x, 5, TRAINING, SPACE), expected.forward(x, 5, TRAINING, SPACE), ffn);
        assertClose("input gradient", found.backward(dy, SPACE), expected.backward(dy, SPACE), ffn);
        assertSameGradient("inner", twins.inner(), weights.inner(), tokens);
        assertSameGradient("inner bias", twins.innerBias(), weights.innerBias(), tokens);
        assertSameGradient("outer", twins.outer(), weights.outer(), tokens);
        assertSameGradient("outer bias", twins.outerBias(), weights.outerBias(), tokens);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void normsAndResidualSumsAgree(int tokens, int width) {
    Sample sample = new Sample(tokens * 37L + width);
    INDArray x = sample.array(tokens, width);
    INDArray residual = sample.array(tokens, width);
    INDArray dy = sample.array(tokens, width);
    Weight gain = sample.weight(1, width);
    Weight bias = sample.weight(1, width);
    Weight gainTwin = twin(gain);
    Weight biasTwin = twin(bias);
    NormKernel norm = fast.norm(gainTwin, biasTwin, 1e-5);
    NormKernel expectedNorm = portable.norm(gain, bias, 1e-5);
    assertClose("norm", norm.forward(x, TRAINING, SPACE), expectedNorm.forward(x, TRAINING, SPACE), width);
    assertClose("norm's gradient", norm.backward(dy, SPACE), expectedNorm.backward(dy, SPACE), width);
    for (Dropout dropout : new Dropout[] {Dropout.NONE, DROPOUT}) {
      assertAgree("residual norm", fast.residualNorm(gainTwin, biasTwin, 1e-5, dropout), portable.residualNorm(gain, bias, 1e-5, dropout),
          x, residual, dy);
      assertAgree("residual", fast.residual(dropout), portable.residual(dropout), x, residual, dy);
    }
    assertSameGradient("gain", gainTwin, gain, tokens);
    assertSameGradient("bias", biasTwin, bias, tokens);
  }

  private void assertAgree(String what, ResidualKernel found, ResidualKernel expected, INDArray x, INDArray residual, INDArray dy) {
    assertClose(what, found.forward(x, residual, 11, TRAINING, SPACE), expected.forward(x, residual, 11, TRAINING, SPACE), 1);
    ResidualKernel.Gradients gradients = found.backward(dy, SPACE);
    ResidualKernel.Gradients wanted = expected.backward(dy, SPACE);
    assertClose(what + ": gradient of x", gradients.x(), wanted.x(), (int) x.size(1));
    assertClose(what + ": gradient of the residual", gradients.residual(), wanted.residual(), (int) x.size(1));
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void outputAgrees(int tokens, int width) {
    for (double smoothing : new double[] {0, 0.1}) {
      Sample sample = new Sample(tokens * 41L + width);
      int vocabulary = 5 * width + 3;
      Weight table = sample.weight(0.5, vocabulary, width);
      Weight tableTwin = twin(table);
      INDArray x = sample.array(tokens, width);
      INDArray targets = sample.ids(vocabulary, tokens);
      OutputKernel found = fast.output(tableTwin, smoothing);
      OutputKernel expected = portable.output(table, smoothing);
      assertClose("logits", found.logits(x, SPACE), expected.logits(x, SPACE), width);
      assertSameLoss(found.loss(x, targets), expected.loss(x, targets));
      OutputKernel.Result result = found.lossAndGradient(x, targets, SPACE);
      OutputKernel.Result wanted = expected.lossAndGradient(x, targets, SPACE);
      assertSameLoss(result.loss(), wanted.loss());
      assertClose("input gradient", result.inputGradient(), wanted.inputGradient(), vocabulary);
      assertSameGradient("table", tableTwin, table, tokens);
    }
  }

  @Test
  void outputOfSeveralSlabsAgrees() {
    Sample sample = new Sample(5);
    int vocabulary = (1 << 22) / 100;
    Weight table = sample.weight(0.5, vocabulary, 4);
    Weight tableTwin = twin(table);
    INDArray x = sample.array(217, 4);
    INDArray targets = sample.ids(vocabulary, 217);
    OutputKernel.Result result = fast.output(tableTwin, 0.1).lossAndGradient(x, targets, SPACE);
    OutputKernel.Result wanted = portable.output(table, 0.1).lossAndGradient(x, targets, SPACE);
    assertSameLoss(result.loss(), wanted.loss());
    assertClose("input gradient", result.inputGradient(), wanted.inputGradient(), vocabulary);
    assertSameGradient("table", tableTwin, table, 217);
  }

  private void assertSameLoss(Loss found, Loss expected) {
    assertThat(found.tokens()).isEqualTo(expected.tokens());
    assertThat(found.smoothed()).isCloseTo(expected.smoothed(), within(tolerance(1, LANES) * expected.smoothed()));
    assertThat(found.negativeLogLikelihood())
        .isCloseTo(expected.negativeLogLikelihood(), within(tolerance(1, LANES) * expected.negativeLogLikelihood()));
  }

  /** Lengths of sentences; some are empty. */
  static Stream<int[]> lengths() {
    return Stream.of(new int[] {1}, new int[] {LANES - 1, LANES, LANES + 1}, new int[] {0, 3, 0, 5, 0}, new int[] {2, 7, 31, 13, 1},
        new int[] {70, 1, 150, 29});
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void attentionAgrees(int[] lengths) {
    Segments segments = Segments.ofLengths(9, lengths);
    int[] memoryLengths = lengths.clone();
    for (int i = 0; i < lengths.length; i++) {
      memoryLengths[i] = lengths[lengths.length - 1 - i] + 2;
    }
    Segments memorySegments = Segments.ofLengths(4, memoryLengths);
    for (int width : new int[] {1, LANES - 1, LANES, 2 * LANES + 3, 4 * LANES}) {
      for (Dropout dropout : new Dropout[] {Dropout.NONE, DROPOUT}) {
        assertAgree(Masking.NONE, dropout, width, segments, segments);
        assertAgree(Masking.CAUSAL, dropout, width, segments, segments);
        assertAgree(Masking.NONE, dropout, width, segments, memorySegments);
      }
    }
  }

  private void assertAgree(Masking masking, Dropout dropout, int width, Segments segments, Segments memorySegments) {
    Sample sample = new Sample(width + 7L * segments.tokens());
    int heads = 2;
    int dModel = heads * width;
    double deviation = attentionWeights(dModel);
    AttentionWeights weights = new AttentionWeights(sample.weight(deviation, 3 * dModel, dModel), sample.weight(deviation, 3 * dModel),
        sample.weight(deviation, dModel, dModel), sample.weight(deviation, dModel));
    AttentionWeights twins = new AttentionWeights(twin(weights.inProjection()), twin(weights.inBias()), twin(weights.outProjection()),
        twin(weights.outBias()));
    INDArray x = sample.array(segments.tokens(), dModel);
    INDArray memory = memorySegments == segments ? x : sample.array(memorySegments.tokens(), dModel);
    INDArray dy = sample.array(segments.tokens(), dModel);
    AttentionKernel found = fast.attention(twins, heads, masking, dropout);
    AttentionKernel expected = portable.attention(weights, heads, masking, dropout);
    assertClose("inference", found.forward(x, segments, memory, memorySegments, Pass.INFERENCE, SPACE),
        expected.forward(x, segments, memory, memorySegments, Pass.INFERENCE, SPACE), dModel);
    assertClose("output", found.forward(x, segments, memory, memorySegments, TRAINING, SPACE),
        expected.forward(x, segments, memory, memorySegments, TRAINING, SPACE), dModel);
    AttentionKernel.Gradients gradients = found.backward(dy, SPACE);
    AttentionKernel.Gradients wanted = expected.backward(dy, SPACE);
    int terms = 20 * segments.tokens();
    assertClose("query gradient", gradients.query(), wanted.query(), 20 * dModel);
    if (memory == x) {
      assertThat(gradients.memory()).isNull();
    } else {
      assertClose("memory gradient", gradients.memory(), wanted.memory(), 20 * dModel);
    }
    assertSameGradient("in-projection", twins.inProjection(), weights.inProjection(), terms);
    assertSameGradient("in-projection's bias", twins.inBias(), weights.inBias(), terms);
    assertSameGradient("out-projection", twins.outProjection(), weights.outProjection(), terms);
    assertSameGradient("out-projection's bias", twins.outBias(), weights.outBias(), terms);
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void embeddingAgrees(int[] lengths) {
    Segments segments = Segments.ofLengths(13, lengths);
    for (int width : new int[] {2, LANES, LANES + 2, 5 * LANES - 2}) {
      for (Dropout dropout : new Dropout[] {Dropout.NONE, DROPOUT}) {
        Sample sample = new Sample(width);
        Weight table = sample.weight(1, 43, width);
        Weight tableTwin = twin(table);
        INDArray ids = sample.ids(43, segments.tokens());
        INDArray dy = sample.array(segments.tokens(), width);
        EmbeddingKernel found = fast.embedding(tableTwin, 200, dropout);
        EmbeddingKernel expected = portable.embedding(table, 200, dropout);
        assertClose("output", found.forward(ids, segments, TRAINING, SPACE), expected.forward(ids, segments, TRAINING, SPACE), 1);
        found.backward(dy);
        expected.backward(dy);
        assertSameGradient("table", tableTwin, table, segments.tokens());
        assertClose("step", found.step(ids, 17, SPACE), expected.step(ids, 17, SPACE), 1);
      }
    }
  }

  @Test
  void embeddingNamesWhatItCannotLookUp() {
    EmbeddingKernel kernel = fast.embedding(new Sample(1).weight(1, 10, 4), 3, Dropout.NONE);
    assertThatThrownBy(() -> kernel.forward(Nd4j.createFromArray(1, 10), Segments.ofLengths(0, 2), TRAINING, SPACE))
        .isInstanceOf(IllegalArgumentException.class).hasMessage("Token id 10 at row 1 is outside the vocabulary of 10");
    assertThatThrownBy(() -> kernel.forward(Nd4j.createFromArray(1, 1, 1, 1), Segments.ofLengths(0, 4), TRAINING, SPACE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A sentence of 4 tokens is longer than model.max-length = 3; drop it or raise the limit");
  }
}
