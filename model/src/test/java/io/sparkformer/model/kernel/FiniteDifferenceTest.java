package io.sparkformer.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.Biases;
import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.EmbeddingPositions;
import io.sparkformer.model.config.EmbeddingPositions.Sinusoidal.Layout;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Every backward pass of the portable kernels but attention's, with dropout. */
class FiniteDifferenceTest {
  private static final Pass TRAINING = FiniteDifferences.TRAINING;
  private static final Dropout DROPOUT = new Dropout(0.25, 9, 4);

  private final Kernels kernels = new Nd4jKernels();
  private final FiniteDifferences differences = new FiniteDifferences(kernels.memory());

  @ParameterizedTest
  @EnumSource(Activation.class)
  void feedForward(Activation activation) {
    FeedForwardKernel kernel = kernels.feedForward(
        new FeedForwardWeights(differences.weight(7, 5), differences.weight(7), differences.weight(5, 7), differences.weight(5)),
        new FeedForwardConfig(FeedForwardConfig.Kind.PLAIN, 7, activation, Biases.ALL, 0.25), DROPOUT);
    INDArray x = differences.array(6, 5);
    differences.check(() -> kernel.forward(x, 3, TRAINING, kernels.memory()), x);
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void gatedFeedForward(Activation activation) {
    FeedForwardKernel kernel = kernels.feedForward(
        new FeedForwardWeights(differences.weight(14, 5), differences.weight(14), differences.weight(5, 7), differences.weight(5)),
        new FeedForwardConfig(FeedForwardConfig.Kind.GATED, 7, activation, Biases.ALL, 0.25), DROPOUT);
    INDArray x = differences.array(6, 5);
    differences.check(() -> kernel.forward(x, 3, TRAINING, kernels.memory()), x);
  }

  @Test
  void gatedFeedForwardWithoutBiases() {
    FeedForwardKernel kernel = kernels.feedForward(
        new FeedForwardWeights(differences.weight(14, 5), null, differences.weight(5, 7), null),
        new FeedForwardConfig(FeedForwardConfig.Kind.GATED, 7, Activation.SILU, Biases.NONE, 0), Dropout.NONE);
    INDArray x = differences.array(6, 5);
    differences.check(() -> kernel.forward(x, 3, TRAINING, kernels.memory()), x);
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void dense(Activation activation) {
    DenseKernel kernel = kernels.dense(differences.weight(7, 5), differences.weight(7), activation);
    INDArray x = differences.array(6, 5);
    differences.check(() -> kernel.forward(x, TRAINING, kernels.memory()), x);
  }

  @Test
  void dropout() {
    DropoutKernel kernel = kernels.dropout(DROPOUT);
    INDArray x = differences.array(6, 5);
    differences.check(() -> kernel.forward(x, new int[] {4, 5, 9, 10, 20, 21}, TRAINING, kernels.memory()), x);
  }

  @ParameterizedTest
  @EnumSource(NormConfig.Kind.class)
  void norm(NormConfig.Kind kind) {
    NormKernel kernel = kernels.norm(normWeights(kind), new NormConfig(kind, 1e-5), DROPOUT);
    INDArray x = differences.array(5, 6);
    differences.check(() -> kernel.forward(x, 3, TRAINING, kernels.memory()), x);
  }

  @ParameterizedTest
  @EnumSource(NormConfig.Kind.class)
  void residualNorm(NormConfig.Kind kind) {
    residual(kernels.residualNorm(normWeights(kind), new NormConfig(kind, 1e-5), DROPOUT));
  }

  @Test
  void residualWithoutNorm() {
    residual(kernels.residual(DROPOUT));
  }

  private NormWeights normWeights(NormConfig.Kind kind) {
    return new NormWeights(differences.weight(6), kind == NormConfig.Kind.LAYER ? differences.weight(6) : null);
  }

  private void residual(ResidualKernel kernel) {
    INDArray x = differences.array(5, 6);
    INDArray residual = differences.array(5, 6);
    differences.check(() -> kernel.forward(x, residual, 8, TRAINING, kernels.memory()), x, residual);
  }

  @ParameterizedTest
  @EnumSource(PoolingKernel.Kind.class)
  void pooling(PoolingKernel.Kind kind) {
    PoolingKernel kernel = kernels.pooling(kind);
    Segments segments = Segments.ofLengths(4, 3, 1, 4);
    INDArray x = differences.array(segments.tokens(), 5);
    differences.check(() -> kernel.forward(x, segments, TRAINING, kernels.memory()), x);
  }

  @Test
  void embeddingWithSinusoidalPositions() {
    embedding(new EmbeddingPositions.Sinusoidal(Layout.INTERLEAVED, 0, 2), null, 0);
  }

  @Test
  void embeddingWithLearnedPositionsAndTokenTypes() {
    embedding(new EmbeddingPositions.Learned(12, 2), differences.weight(12, 4), 3);
  }

  @Test
  void embeddingWithoutPositions() {
    embedding(EmbeddingPositions.NONE, null, 0);
  }

  private void embedding(EmbeddingPositions positions, Weight learned, int tokenTypes) {
    Segments segments = Segments.ofLengths(4, 5, 2, 6);
    Weight types = tokenTypes == 0 ? null : differences.weight(tokenTypes, 4);
    EmbeddingKernel kernel = kernels.embedding(new EmbeddingWeights(differences.weight(9, 4), learned, types),
        new EmbeddingConfig("table", 1.5, positions, tokenTypes, null, 0.25), 10, DROPOUT);
    INDArray ids = differences.integers(segments.tokens(), 9);
    INDArray typeIds = tokenTypes == 0 ? null : differences.integers(segments.tokens(), tokenTypes);
    differences.check(() -> kernel.forward(ids, typeIds, segments, new int[] {0, 3, 4}, TRAINING, kernels.memory()));
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 1", "0.2, 0, 1", "0.2, 0, 0.5", "0, 0.3, 1", "0.2, 0.05, 0.5"})
  void output(double smoothing, double zLoss, double scale) {
    OutputKernel kernel = kernels.output(new OutputWeights(differences.weight(9, 4), differences.weight(9)), scale,
        new LossTerms(smoothing, zLoss));
    output(kernel, differences.integers(7, 9), 7);
  }

  /** In PyTorch: {@code cross_entropy(logits, labels, reduction='sum') + z * logsumexp(logits, 1).square().sum()}. */
  @Test
  void zLossIsTheSquaredLogarithmOfTheNormalizer() {
    OutputKernel kernel = kernels.output(new OutputWeights(differences.weight(9, 4), differences.weight(9)), 1, new LossTerms(0, 0.3));
    INDArray x = differences.array(7, 4);
    INDArray logits = kernel.logits(x, kernels.memory());
    double expected = 0;
    for (int row = 0; row < 7; row++) {
      double sum = 0;
      for (int entry = 0; entry < 9; entry++) {
        sum += Math.exp(logits.getDouble(row, entry));
      }
      expected += 0.3 * Math.log(sum) * Math.log(sum);
    }
    Loss loss = kernel.loss(x, differences.integers(7, 9));
    assertThat(loss.smoothed() - loss.negativeLogLikelihood()).isCloseTo(expected, within(1e-12));
    assertThat(expected).isGreaterThan(1);
  }

  @Test
  void outputWithoutBias() {
    output(kernels.output(new OutputWeights(differences.weight(9, 4), null), 1, LossTerms.smoothing(0.1)), differences.integers(7, 9), 7);
  }

  @Test
  void outputOfSomeRows() {
    OutputKernel kernel = kernels.output(new OutputWeights(differences.weight(9, 4), differences.weight(9)), 1, LossTerms.smoothing(0.1));
    output(kernel, Nd4j.createFromArray(-100, 3, -1, 8, 0, 3, -100), 4);
  }

  private void output(OutputKernel kernel, INDArray labels, long counted) {
    double weight = 0.7;
    INDArray x = differences.array(7, 4);
    DoubleSupplier loss = () -> weight * kernel.loss(x, labels).smoothed();
    OutputKernel.Result result = kernel.lossAndGradient(x, labels, weight, kernels.memory());
    assertThat(weight * result.loss().smoothed()).isCloseTo(loss.getAsDouble(), within(1e-12));
    assertThat(result.loss().tokens()).isEqualTo(counted);
    differences.check(loss, new INDArray[] {result.inputGradient()}, new INDArray[] {x});
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void span(boolean biased) {
    Segments segments = Segments.ofLengths(4, 3, 1, 4);
    scores(2, segments.tokens(), new SpanLoss(segments, new int[][] {{0, 2}, {0, 0}, {1, 3}}), biased);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void value(boolean biased) {
    scores(1, 4, new SquaredError(0.5f, Float.NaN, -1, 2), biased);
  }

  /** @param ofScores the loss, of three sequences */
  private void scores(int scores, int rows, ScoreLoss ofScores, boolean biased) {
    ScoreKernel kernel = kernels.scores(new OutputWeights(differences.weight(scores, 4), biased ? differences.weight(scores) : null));
    double weight = 0.7;
    INDArray x = differences.array(rows, 4);
    DoubleSupplier loss = () -> weight * kernel.loss(x, ofScores).smoothed();
    OutputKernel.Result result = kernel.lossAndGradient(x, ofScores, weight, kernels.memory());
    assertThat(weight * result.loss().smoothed()).isCloseTo(loss.getAsDouble(), within(1e-12));
    assertThat(result.loss().tokens()).isEqualTo(3);
    differences.check(loss, new INDArray[] {result.inputGradient()}, new INDArray[] {x});
  }
}
