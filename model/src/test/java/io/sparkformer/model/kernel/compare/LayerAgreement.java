package io.sparkformer.model.kernel.compare;

import static io.sparkformer.model.kernel.compare.Sample.exact;
import static io.sparkformer.model.kernel.compare.Sample.frozen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.Biases;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.kernel.DenseKernel;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.DropoutKernel;
import io.sparkformer.model.kernel.FeedForwardKernel;
import io.sparkformer.model.kernel.FeedForwardWeights;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.NormKernel;
import io.sparkformer.model.kernel.NormWeights;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.PoolingKernel;
import io.sparkformer.model.kernel.ResidualKernel;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Weight;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The kernels inside a layer against the portable ones, forward and backward, at sizes around those of vectors and blocks. */
public abstract class LayerAgreement extends KernelComparison {
  @ParameterizedTest
  @MethodSource("sizes")
  void feedForwardAgrees(int tokens, int width) {
    for (Activation activation : Activation.values()) {
      for (FeedForwardConfig.Kind kind : FeedForwardConfig.Kind.values()) {
        assertFeedForwardAgrees(tokens, width, new FeedForwardConfig(kind, 3 * width + 1, activation, Biases.ALL, 0), Dropout.NONE);
        assertFeedForwardAgrees(tokens, width, new FeedForwardConfig(kind, 3 * width + 1, activation, Biases.ALL, 0), DROPOUT);
        assertFeedForwardAgrees(tokens, width, new FeedForwardConfig(kind, 3 * width + 1, activation, Biases.NONE, 0), DROPOUT);
      }
    }
  }

  private void assertFeedForwardAgrees(int tokens, int width, FeedForwardConfig config, Dropout dropout) {
    Sample sample = products().sample(config.activation(), tokens * 31L + width);
    int ffn = config.inner();
    boolean biases = config.biases() == Biases.ALL;
    FeedForwardWeights weights = new FeedForwardWeights(sample.weight(0.3, config.innerRows(), width),
        biases ? sample.weight(0.5, config.innerRows()) : null, sample.weight(0.3, width, ffn), biases ? sample.weight(0.5, width) : null);
    FeedForwardWeights exact = new FeedForwardWeights(exact(weights.inner()), exact(weights.innerBias()), exact(weights.outer()),
        exact(weights.outerBias()));
    INDArray x = sample.array(tokens, width);
    INDArray dy = sample.array(tokens, width);
    FeedForwardKernel found = fast.feedForward(weights, config, dropout);
    FeedForwardKernel expected = portable.feedForward(exact, config, dropout);
    String what = "%s, %s: ".formatted(config, dropout);
    assertClose(what + "inference", inference(() -> found.forward(x, 5, Pass.INFERENCE, SPACE)),
        expected.forward(exact(x), 5, Pass.INFERENCE, SPACE).output(), ffn);
    Forward forward = training(() -> found.forward(x, 5, TRAINING, SPACE));
    Forward exactForward = expected.forward(exact(x), 5, TRAINING, SPACE);
    assertClose(what + "output", forward.output(), exactForward.output(), ffn);
    assertClose(what + "input gradient", backward(forward, dy)[0], exactBackward(exactForward, dy)[0], ffn);
    assertSameGradient(what + "inner", weights.inner(), exact.inner(), tokens);
    assertSameGradient(what + "inner bias", weights.innerBias(), exact.innerBias(), tokens);
    assertSameGradient(what + "outer", weights.outer(), exact.outer(), tokens);
    assertSameGradient(what + "outer bias", weights.outerBias(), exact.outerBias(), tokens);
  }

  /** As in a layer whose parameters are frozen, below ones that are trained. */
  @Test
  void inputGradientsDoNotNeedThoseOfParameters() {
    Sample sample = new Sample(3);
    FeedForwardConfig config = new FeedForwardConfig(FeedForwardConfig.Kind.GATED, 40, Activation.SILU, Biases.ALL, 0);
    FeedForwardWeights weights = new FeedForwardWeights(sample.weight(0.3, 80, 24), sample.weight(0.3, 80), sample.weight(0.3, 24, 40),
        sample.weight(0.3, 24));
    FeedForwardWeights frozen = new FeedForwardWeights(frozen(weights.inner()), frozen(weights.innerBias()), frozen(weights.outer()),
        frozen(weights.outerBias()));
    NormWeights norm = new NormWeights(sample.weight(1, 24), sample.weight(1, 24));
    NormWeights frozenNorm = new NormWeights(frozen(norm.gain()), frozen(norm.bias()));
    INDArray x = sample.array(30, 24);
    INDArray dy = sample.array(30, 24);
    assertThat(values(backward(fast.feedForward(frozen, config, DROPOUT).forward(x, 0, TRAINING, SPACE), dy)[0]))
        .isEqualTo(values(backward(fast.feedForward(weights, config, DROPOUT).forward(x, 0, TRAINING, SPACE), dy)[0]));
    assertThat(values(backward(fast.norm(frozenNorm, NormConfig.layer(1e-5), DROPOUT).forward(x, 0, TRAINING, SPACE), dy)[0]))
        .isEqualTo(values(backward(fast.norm(norm, NormConfig.layer(1e-5), DROPOUT).forward(x, 0, TRAINING, SPACE), dy)[0]));
    assertThat(values(backward(fast.dense(frozen.inner(), frozen.innerBias(), Activation.TANH).forward(x, TRAINING, SPACE),
        sample.array(30, 80))[0])).doesNotContain(Float.NaN);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void denseLayersAgree(int rows, int width) {
    for (Activation activation : Activation.values()) {
      Sample sample = products().sample(activation, rows * 29L + width);
      // Sums of about 1: of larger ones tanh would be 1 whatever they are.
      Weight weight = sample.weight(1 / Math.sqrt(width), width + 3, width);
      Weight bias = sample.weight(0.3, width + 3);
      Weight exactWeight = exact(weight);
      Weight exactBias = exact(bias);
      INDArray x = sample.array(rows, width);
      INDArray dy = sample.array(rows, width + 3);
      DenseKernel found = fast.dense(weight, bias, activation);
      DenseKernel expected = portable.dense(exactWeight, exactBias, activation);
      assertClose(activation + ": inference", inference(() -> found.forward(x, Pass.INFERENCE, SPACE)),
          expected.forward(exact(x), Pass.INFERENCE, SPACE).output(), width);
      Forward forward = training(() -> found.forward(x, TRAINING, SPACE));
      Forward exactForward = expected.forward(exact(x), TRAINING, SPACE);
      assertClose(activation + ": output", forward.output(), exactForward.output(), width);
      assertClose(activation + ": input gradient", backward(forward, dy)[0], exactBackward(exactForward, dy)[0], 2 * width);
      assertSameGradient(activation + ": weight", weight, exactWeight, rows + width);
      assertSameGradient(activation + ": bias", bias, exactBias, rows + width);
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void normsAndResidualSumsAgree(int tokens, int width) {
    for (NormConfig.Kind kind : NormConfig.Kind.values()) {
      NormConfig config = new NormConfig(kind, 1e-5);
      Sample sample = new Sample(tokens * 37L + width);
      INDArray x = sample.array(tokens, width);
      INDArray residual = sample.array(tokens, width);
      INDArray dy = sample.array(tokens, width);
      NormWeights weights = new NormWeights(sample.weight(1, width), config.hasBias() ? sample.weight(1, width) : null);
      NormWeights exact = new NormWeights(exact(weights.gain()), exact(weights.bias()));
      for (Dropout dropout : new Dropout[] {Dropout.NONE, DROPOUT}) {
        assertAgree(kind + " norm", fast.norm(weights, config, dropout), portable.norm(exact, config, dropout), x, dy);
        assertAgree(kind + " residual norm", fast.residualNorm(weights, config, dropout), portable.residualNorm(exact, config, dropout), x,
            residual, dy);
        assertAgree("residual", fast.residual(dropout), portable.residual(dropout), x, residual, dy);
      }
      assertSameGradient("gain", weights.gain(), exact.gain(), tokens + width);
      assertSameGradient("bias", weights.bias(), exact.bias(), tokens + width);
    }
  }

  private void assertAgree(String what, NormKernel found, NormKernel expected, INDArray x, INDArray dy) {
    int width = (int) x.size(1);
    assertClose(what + ": inference", inference(() -> found.forward(x, 11, Pass.INFERENCE, SPACE)),
        expected.forward(exact(x), 11, Pass.INFERENCE, SPACE).output(), width);
    Forward forward = training(() -> found.forward(x, 11, TRAINING, SPACE));
    Forward exactForward = expected.forward(exact(x), 11, TRAINING, SPACE);
    assertClose(what, forward.output(), exactForward.output(), width);
    assertClose(what + ": input gradient", backward(forward, dy)[0], exactBackward(exactForward, dy)[0], width);
  }

  private void assertAgree(String what, ResidualKernel found, ResidualKernel expected, INDArray x, INDArray residual, INDArray dy) {
    int width = (int) x.size(1);
    assertClose(what + ": inference", inference(() -> found.forward(x, residual, 11, Pass.INFERENCE, SPACE)),
        expected.forward(exact(x), exact(residual), 11, Pass.INFERENCE, SPACE).output(), width);
    Forward forward = training(() -> found.forward(x, residual, 11, TRAINING, SPACE));
    Forward exactForward = expected.forward(exact(x), exact(residual), 11, TRAINING, SPACE);
    assertClose(what, forward.output(), exactForward.output(), width);
    INDArray[] gradients = backward(forward, dy);
    INDArray[] wanted = exactBackward(exactForward, dy);
    assertClose(what + ": gradient of x", gradients[0], wanted[0], width);
    assertClose(what + ": gradient of the residual", gradients[1], wanted[1], width);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void dropoutAgrees(int rows, int width) {
    Sample sample = new Sample(rows);
    INDArray x = sample.array(rows, width);
    INDArray dy = sample.array(rows, width);
    // Rows of the micro-batch at places that are not one after another.
    int[] places = IntStream.range(0, rows).map(row -> 9 + row * row).toArray();
    DropoutKernel found = fast.dropout(DROPOUT);
    assertThat(values(inference(() -> found.forward(x, places, Pass.INFERENCE, SPACE)))).isEqualTo(values(x));
    Forward forward = training(() -> found.forward(x, places, TRAINING, SPACE));
    Forward exactForward = portable.dropout(DROPOUT).forward(exact(x), places, TRAINING, SPACE);
    assertClose("output", forward.output(), exactForward.output(), 1);
    assertClose("input gradient", backward(forward, dy)[0], exactBackward(exactForward, dy)[0], 1);
  }

  @Test
  void poolingAgrees() {
    Segments segments = Segments.ofLengths(7, 3, 1, 40, 17);
    for (PoolingKernel.Kind kind : PoolingKernel.Kind.values()) {
      for (int width : new int[] {1, LANES, 2 * LANES + 3}) {
        Sample sample = new Sample(width);
        INDArray x = sample.array(segments.tokens(), width);
        INDArray dy = sample.array(4, width);
        PoolingKernel found = fast.pooling(kind);
        PoolingKernel expected = portable.pooling(kind);
        assertClose(kind + ": inference", inference(() -> found.forward(x, segments, Pass.INFERENCE, SPACE)),
            expected.forward(exact(x), segments, Pass.INFERENCE, SPACE).output(), 40);
        Forward forward = training(() -> found.forward(x, segments, TRAINING, SPACE));
        Forward exactForward = expected.forward(exact(x), segments, TRAINING, SPACE);
        assertClose(kind + ": output", forward.output(), exactForward.output(), 40);
        assertClose(kind + ": input gradient", backward(forward, dy)[0], exactBackward(exactForward, dy)[0], 40);
      }
    }
    assertThatThrownBy(() -> fast.pooling(PoolingKernel.Kind.MEAN).forward(new Sample(1).array(3, 2), Segments.ofLengths(0, 3, 0),
        TRAINING, SPACE)).isInstanceOf(IllegalArgumentException.class).hasMessage("Sequence 1 has no token to pool");
  }

  @Test
  void arraysAreAdded() {
    for (int length : new int[] {1, LANES + 1, 100_003}) {
      Sample sample = new Sample(length);
      INDArray to = sample.array(length);
      INDArray from = sample.array(length);
      INDArray expected = to.add(from);
      fast.add(to, from);
      assertThat(values(to)).isEqualTo(values(expected));
    }
    assertThatThrownBy(() -> fast.add(Nd4j.zeros(DataType.FLOAT, 2, 3), Nd4j.zeros(DataType.FLOAT, 5)))
        .isInstanceOf(IllegalArgumentException.class).hasMessage("Arrays of 6 and 5 elements cannot be added");
  }
}
