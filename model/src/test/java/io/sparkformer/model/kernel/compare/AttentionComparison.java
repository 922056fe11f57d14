package io.sparkformer.model.kernel.compare;

import static io.sparkformer.model.kernel.compare.Sample.exact;
import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.config.Biases;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Attentions of every configuration, and how they are compared with the portable kernels. */
public abstract class AttentionComparison extends KernelComparison {
  /** Of the residual stream. */
  protected static final int WIDTH = 24;

  protected static final AttentionPositions NONE = AttentionPositions.NONE;

  protected static Stream<AttentionConfig> configurations() {
    return Stream.of(
        config(12, 12, 1, 0.5, Biases.ALL, Masking.NONE, 0, NONE),
        config(2, 2, LANES, 0.25, Biases.ALL, Masking.CAUSAL, 0, NONE),
        config(2, 2, LANES - 1, 0.3, Biases.NONE, Masking.CAUSAL, 5, NONE),
        config(6, 2, 8, 1, Biases.INPUTS, Masking.CAUSAL, LANES + 3, NONE),
        config(6, 2, 2 * LANES + 3, 0.2, Biases.INPUTS, Masking.NONE, 0, NONE),
        config(8, 1, 3 * LANES, 0.15, Biases.NONE, Masking.CAUSAL, 0, NONE),
        config(14, 2, 64, 0.125, Biases.ALL, Masking.CAUSAL, 70, NONE),
        config(4, 2, 2 * LANES, 0.2, Biases.ALL, Masking.CAUSAL, 0, new AttentionPositions.Rotary(2 * LANES, 10_000, 1)),
        config(2, 2, 10, 0.3, Biases.ALL, Masking.NONE, 0, new AttentionPositions.Rotary(6, 100, 4)),
        config(5, 5, 8, 0.35, Biases.INPUTS, Masking.CAUSAL, 0, new AttentionPositions.Alibi(1)),
        config(6, 3, 16, 0.25, Biases.NONE, Masking.NONE, 0, new AttentionPositions.Alibi(0.25)),
        config(4, 4, 8, 1, Biases.NONE, Masking.CAUSAL, 0, new AttentionPositions.Relative(8, 20)),
        config(4, 2, 12, 0.5, Biases.ALL, Masking.CAUSAL, 19, new AttentionPositions.Relative(32, 128)),
        config(3, 3, 8, 1, Biases.NONE, Masking.NONE, 0, new AttentionPositions.Relative(32, 128)));
  }

  protected static Stream<AttentionConfig> causal() {
    return configurations().filter(config -> config.masking() == Masking.CAUSAL);
  }

  protected static AttentionConfig config(int heads, int keyValueHeads, int headWidth, double scale, Biases biases, Masking masking,
      int window, AttentionPositions positions) {
    return new AttentionConfig(heads, keyValueHeads, headWidth, scale, biases, masking, window, positions, 0);
  }

  /** Weights that give scores of about 1, as in a network: the error of a probability is that of its score, which grows with the score. */
  protected static AttentionWeights weights(AttentionConfig config, Sample sample) {
    double deviation = 1 / Math.sqrt(WIDTH);
    return new AttentionWeights(sample.weight(deviation, config.inputWidth(), WIDTH),
        config.biases().ofInputs() ? sample.weight(deviation, config.inputWidth()) : null,
        sample.weight(1 / Math.sqrt(config.queryWidth()), WIDTH, config.queryWidth()),
        config.biases().ofOutputs() ? sample.weight(deviation, WIDTH) : null,
        config.positions() instanceof AttentionPositions.Relative relative
            ? sample.weight(0.5, relative.buckets(), config.heads()) : null);
  }

  protected static AttentionWeights exactly(AttentionWeights weights) {
    return new AttentionWeights(exact(weights.input()), exact(weights.inputBias()), exact(weights.output()), exact(weights.outputBias()),
        exact(weights.relative()));
  }

  protected void assertAgree(AttentionConfig config, int[] lengths, Dropout dropout) {
    Segments segments = Segments.ofLengths(9, lengths);
    Sample sample = new Sample(config.toString().hashCode());
    INDArray x = sample.array(segments.tokens(), WIDTH);
    assertAgree(config, sample, x, segments, x, segments, dropout);
    if (config.masking() == Masking.NONE) {
      int[] others = IntStream.range(0, lengths.length).map(i -> lengths[lengths.length - 1 - i] + 2).toArray();
      Segments memorySegments = Segments.ofLengths(4, others);
      assertAgree(config, sample, x, segments, sample.array(memorySegments.tokens(), WIDTH), memorySegments, dropout);
    }
  }

  private void assertAgree(AttentionConfig config, Sample sample, INDArray x, Segments segments, INDArray memory, Segments memorySegments,
      Dropout dropout) {
    AttentionWeights weights = weights(config, sample);
    AttentionWeights exact = exactly(weights);
    AttentionKernel found = fast.attention(weights, config, dropout);
    AttentionKernel expected = portable.attention(exact, config, dropout);
    INDArray exactX = exact(x);
    INDArray exactMemory = memory == x ? exactX : exact(memory);
    int terms = terms(config, Math.max(segments.longest(), memorySegments.longest()));
    assertClose("inference", inference(() -> found.forward(x, segments, memory, memorySegments, Pass.INFERENCE, SPACE)),
        expected.forward(exactX, segments, exactMemory, memorySegments, Pass.INFERENCE, SPACE).output(), terms);
    Forward forward = training(() -> found.forward(x, segments, memory, memorySegments, TRAINING, SPACE));
    Forward exactForward = expected.forward(exactX, segments, exactMemory, memorySegments, TRAINING, SPACE);
    assertClose("output", forward.output(), exactForward.output(), terms);
    INDArray dy = sample.array(segments.tokens(), WIDTH);
    INDArray[] gradients = backward(forward, dy);
    INDArray[] wanted = exactBackward(exactForward, dy);
    assertThat(gradients).hasSameSizeAs(wanted);
    for (int i = 0; i < gradients.length; i++) {
      assertClose("gradient of input " + i, gradients[i], wanted[i], terms);
    }
    int tokens = terms + segments.tokens();
    assertSameGradient("input", weights.input(), exact.input(), tokens);
    assertSameGradient("input's bias", weights.inputBias(), exact.inputBias(), tokens);
    assertSameGradient("output", weights.output(), exact.output(), tokens);
    assertSameGradient("output's bias", weights.outputBias(), exact.outputBias(), tokens);
    assertSameGradient("relative positions", weights.relative(), exact.relative(), tokens);
  }

  /** Of the longest chain of sums: projections, scores, softmax and context, each there and back. */
  protected static int terms(AttentionConfig config, int keys) {
    return 4 * (2 * WIDTH + 2 * config.headWidth() + 2 * keys + config.queryWidth());
  }
}
