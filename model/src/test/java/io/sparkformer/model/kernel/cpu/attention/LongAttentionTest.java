package io.sparkformer.model.kernel.cpu.attention;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.compare.AttentionComparison;
import io.sparkformer.model.kernel.compare.Sample;
import io.sparkformer.model.kernel.cpu.ProductsUnderTest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention of sequences of several tiles: between its projections it is the same in every precision. */
class LongAttentionTest extends AttentionComparison {
  /** Several tiles of queries, and of keys; some begin and end within a vector. */
  private static final int[] LONG = {5, AttentionTiles.KEYS + AttentionTiles.QUERIES + 9, 1, AttentionTiles.QUERIES + 1};

  @Override
  protected ProductsUnderTest products() {
    return ProductsUnderTest.FLOAT32;
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void longSentencesAgree(AttentionConfig config) {
    assertAgree(config, LONG, DROPOUT);
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void resultsDoNotDependOnThreads(AttentionConfig config) {
    assertThat(bits(config, 3)).isDeepEqualTo(bits(config, 1));
  }

  /** The output and all gradients of a training pass. */
  private float[][] bits(AttentionConfig config, int threads) {
    Sample sample = new Sample(5);
    Segments segments = Segments.ofLengths(3, LONG);
    AttentionWeights weights = weights(config, sample);
    INDArray x = sample.array(segments.tokens(), WIDTH);
    Forward forward = products().kernels(threads).attention(weights, config, DROPOUT).forward(x, segments, x, segments, TRAINING, SPACE);
    List<float[]> bits = new ArrayList<>();
    bits.add(values(forward.output()));
    bits.add(values(forward.backward().run(sample.array(segments.tokens(), WIDTH), SPACE)[0]));
    Stream.of(weights.input(), weights.inputBias(), weights.output(), weights.outputBias(), weights.relative())
        .filter(weight -> weight != null).forEach(weight -> bits.add(values(weight.gradient())));
    return bits.toArray(new float[0][]);
  }
}
