package io.sparkformer.model.kernel.cpu;

import static io.sparkformer.model.kernel.cpu.Sample.exact;
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

/**
 * Every kernel against the portable one, forward and backward, with dropout, at sizes around those of vectors and blocks. The portable
 * kernels compute in double precision, so that a difference is the error of the kernel under test.
 */
class CpuKernelsTest {
  private static final LayerWorkspaceMgr SPACE = LayerWorkspaceMgr.noWorkspaces();
  private static final Pass TRAINING = Pass.training(3);
  private static final Dropout DROPOUT = new Dropout(0.3, 42, 7);
  private static final int LANES = Lanes.COUNT;
  private static final double HALF_LAST_PLACE = 0x1p-24;
  private static final double LARGEST_OF_MANY = 8;

  private final Kernels fast = new CpuKernels(2, arithmetic());
  private final Kernels portable = new Nd4jKernels();

  /** Subclasses run everything with another. */
  Arithmetic arithmetic() {
    return new Float32Arithmetic();
  }

  /**
   * What values may differ by from exact ones, relative to the largest of their array. The rounding errors of a sum add up like steps in
   * random directions: to the root of the number of terms, in units of half the last place. Four units more are for what follows the sum;
   * the largest of many errors is several times a usual one.
   */
  double tolerance(int terms, long elements) {
    return LARGEST_OF_MANY * HALF_LAST_PLACE * (4 + Math.sqrt(terms));
  }

  /** Values for a feed-forward layer. */
  Sample sample(Activation activation, long seed) {
    return new Sample(seed);
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
        FeedForwardWeights exact = new FeedForwardWeights(exact(weights.inner()), exact(weights.innerBias()), exact(weights.outer()),
            exact(weights.outerBias()));
        INDArray x = sample.array(tokens, width);
        INDArray dy = sample.array(tokens, width);
        FeedForwardKernel found = fast.feedForward(weights, activation, dropout);
        FeedForwardKernel expected = portable.feedForward(exact, activation, dropout);
        assertClose("inference", found.forward(x, 5, Pass.INFERENCE, SPACE), expected.forward(exact(x), 5, Pass.INFERENCE, SPACE), ffn);
        assertClose("output", found.forward(x, 5, TRAINING, SPACE), expected.forward(exact(x), 5, TRAINING, SPACE), ffn);
        assertClose("input gradient", found.backward(dy, SPACE), expected.backward(exact(dy), SPACE), ffn);
        assertSameGradient("inner", weights.inner(), exact.inner(), tokens);
        assertSameGradient("inner bias", weights.innerBias(), exact.innerBias(), tokens);
        assertSameGradient("outer", weights.outer(), exact.outer(), tokens);
        assertSameGradient("outer bias", weights.outerBias(), exact.outerBias(), tokens);
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
    Weight exactGain = exact(gain);
    Weight exactBias = exact(bias);
    NormKernel norm = fast.norm(gain, bias, 1e-5);
    NormKernel expectedNorm = portable.norm(exactGain, exactBias, 1e-5);
    assertClose("norm", norm.forward(x, TRAINING, SPACE), expectedNorm.forward(exact(x), TRAINING, SPACE), width);
    assertClose("norm's gradient", norm.backward(dy, SPACE), expectedNorm.backward(exact(dy), SPACE), width);
    for (Dropout dropout : new Dropout[] {Dropout.NONE, DROPOUT}) {
      assertAgree("residual norm", fast.residualNorm(gain, bias, 1e-5, dropout),
          portable.residualNorm(exactGain, exactBias, 1e-5, dropout), x, residual, dy);
      assertAgree("residual", fast.residual(dropout), portable.residual(dropout), x, residual, dy);
    }
    assertSameGradient("gain", gain, exactGain, tokens);
    assertSameGradient("bias", bias, exactBias, tokens);
  }

  private void assertAgree(String what, ResidualKernel found, ResidualKernel expected, INDArray x, INDArray residual, INDArray dy) {
    assertClose(what, found.forward(x, residual, 11, TRAINING, SPACE),
        expected.forward(exact(x), exact(residual), 11, TRAINING, SPACE), (int) x.size(1));
    ResidualKernel.Gradients gradients = found.backward(dy, SPACE);
    ResidualKernel.Gradients wanted = expected.backward(exact(dy), SPACE);
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
      Weight exactTable = exact(table);
      INDArray x = sample.array(tokens, width);
      INDArray targets = sample.ids(vocabulary, tokens);
      OutputKernel found = fast.output(table, smoothing);
      OutputKernel expected = portable.output(exactTable, smoothing);
      assertClose("logits", found.logits(x, SPACE), expected.logits(exact(x), SPACE), width);
      assertSameLoss(found.loss(x, targets), expected.loss(exact(x), targets));
      OutputKernel.Result result = found.lossAndGradient(x, targets, SPACE);
      OutputKernel.Result wanted = expected.lossAndGradient(exact(x), targets, SPACE);
      assertSameLoss(result.loss(), wanted.loss());
      assertClose("input gradient", result.inputGradient(), wanted.inputGradient(), vocabulary);
      assertSameGradient("table", table, exactTable, tokens);
    }
  }

  /** So many tokens of the vocabulary that few rows need several slabs in every precision. */
  @Test
  void outputOfSeveralSlabsAgrees() {
    Sample sample = new Sample(5);
    int vocabulary = (1 << 24) / 256;
    int tokens = 600;
    RowBlocks slabs = arithmetic().slabs(tokens, vocabulary);
    assertThat(slabs.count()).isGreaterThan(1);
    Weight table = sample.weight(0.5, vocabulary, 4);
    Weight exactTable = exact(table);
    INDArray x = sample.array(tokens, 4);
    INDArray targets = sample.ids(vocabulary, tokens);
    OutputKernel found = fast.output(table, 0.1);
    OutputKernel expected = portable.output(exactTable, 0.1);
    OutputKernel.Result result = found.lossAndGradient(x, targets, SPACE);
    OutputKernel.Result wanted = expected.lossAndGradient(exact(x), targets, SPACE);
    assertSameLoss(found.loss(x, targets), wanted.loss());
    assertSameLoss(result.loss(), wanted.loss());
    assertClose("input gradient", result.inputGradient(), wanted.inputGradient(), vocabulary);
    assertSameGradient("table", table, exactTable, tokens);
  }

  private void assertSameLoss(OutputKernel.Loss found, OutputKernel.Loss expected) {
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
    // Scores of about 1, as in a network: the error of a probability is the error of its score, which grows with the score.
    double deviation = 1 / Math.sqrt(dModel);
    AttentionWeights weights = new AttentionWeights(sample.weight(deviation, 3 * dModel, dModel), sample.weight(deviation, 3 * dModel),
        sample.weight(deviation, dModel, dModel), sample.weight(deviation, dModel));
    AttentionWeights exact = new AttentionWeights(exact(weights.inProjection()), exact(weights.inBias()), exact(weights.outProjection()),
        exact(weights.outBias()));
    INDArray x = sample.array(segments.tokens(), dModel);
    INDArray memory = memorySegments == segments ? x : sample.array(memorySegments.tokens(), dModel);
    INDArray exactX = exact(x);
    INDArray exactMemory = memory == x ? exactX : exact(memory);
    INDArray dy = sample.array(segments.tokens(), dModel);
    // Four sums, one after another: projections, scores or their gradients, mixtures of values, projections.
    int terms = 4 * (dModel + Math.max(segments.tokens(), memorySegments.tokens()));
    AttentionKernel found = fast.attention(weights, heads, masking, dropout);
    AttentionKernel expected = portable.attention(exact, heads, masking, dropout);
    assertClose("inference", found.forward(x, segments, memory, memorySegments, Pass.INFERENCE, SPACE),
        expected.forward(exactX, segments, exactMemory, memorySegments, Pass.INFERENCE, SPACE), terms);
    assertClose("output", found.forward(x, segments, memory, memorySegments, TRAINING, SPACE),
        expected.forward(exactX, segments, exactMemory, memorySegments, TRAINING, SPACE), terms);
    AttentionKernel.Gradients gradients = found.backward(dy, SPACE);
    AttentionKernel.Gradients wanted = expected.backward(exact(dy), SPACE);
    assertClose("query gradient", gradients.query(), wanted.query(), terms);
    if (memory == x) {
      assertThat(gradients.memory()).isNull();
    } else {
      assertClose("memory gradient", gradients.memory(), wanted.memory(), terms);
    }
    assertSameGradient("in-projection", weights.inProjection(), exact.inProjection(), terms);
    assertSameGradient("in-projection's bias", weights.inBias(), exact.inBias(), terms);
    assertSameGradient("out-projection", weights.outProjection(), exact.outProjection(), terms);
    assertSameGradient("out-projection's bias", weights.outBias(), exact.outBias(), terms);
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void embeddingAgrees(int[] lengths) {
    Segments segments = Segments.ofLengths(13, lengths);
    for (int width : new int[] {2, LANES, LANES + 2, 5 * LANES - 2}) {
      for (Dropout dropout : new Dropout[] {Dropout.NONE, DROPOUT}) {
        Sample sample = new Sample(width);
        Weight table = sample.weight(1, 43, width);
        Weight exactTable = exact(table);
        INDArray ids = sample.ids(43, segments.tokens());
        INDArray dy = sample.array(segments.tokens(), width);
        EmbeddingKernel found = fast.embedding(table, 200, dropout);
        EmbeddingKernel expected = portable.embedding(exactTable, 200, dropout);
        assertClose("output", found.forward(ids, segments, TRAINING, SPACE), expected.forward(ids, segments, TRAINING, SPACE), 1);
        found.backward(dy);
        expected.backward(exact(dy));
        assertSameGradient("table", table, exactTable, segments.tokens());
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
