package io.sparkformer.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The portable attention, with dropout of its weights, against the definitions. */
class AttentionForwardTest {
  private static final Dropout DROPOUT = new Dropout(0.25, 9, 4);
  private static final int STEP = 3;
  private static final Segments SEGMENTS = Segments.ofLengths(5, 3, 1, 6);

  private final Kernels kernels = new Nd4jKernels();
  private final FiniteDifferences source = new FiniteDifferences(kernels.memory());

  private static Stream<AttentionConfig> all() {
    return Stream.concat(AttentionCases.causal(), AttentionCases.unmasked());
  }

  @ParameterizedTest
  @MethodSource("all")
  void selfAttention(AttentionConfig config) {
    INDArray x = source.array(SEGMENTS.tokens(), AttentionCases.WIDTH);
    assertAsDefined(config, x, x, SEGMENTS);
  }

  @ParameterizedTest
  @MethodSource("io.sparkformer.model.kernel.AttentionCases#unmasked")
  void crossAttention(AttentionConfig config) {
    Segments segments = Segments.ofLengths(2, 2, 5, 1);
    assertAsDefined(config, source.array(SEGMENTS.tokens(), AttentionCases.WIDTH), source.array(8, AttentionCases.WIDTH), segments);
  }

  private void assertAsDefined(AttentionConfig config, INDArray x, INDArray keys, Segments keySegments) {
    AttentionWeights weights = AttentionCases.weights(config, source);
    INDArray found = kernels.attention(weights, config, DROPOUT)
        .forward(x, SEGMENTS, keys, keySegments, Pass.training(STEP), kernels.memory()).output();
    double[][] expected = new NaiveAttention(weights, config, DROPOUT).forward(x, SEGMENTS, keys, keySegments, STEP);
    for (int row = 0; row < expected.length; row++) {
      assertThat(found.getRow(row).toDoubleVector()).as("row %d", row).usingComparatorWithPrecision(1e-11).containsExactly(expected[row]);
    }
  }
}
