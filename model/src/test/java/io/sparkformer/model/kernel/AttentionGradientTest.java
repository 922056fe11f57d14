package io.sparkformer.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Every backward pass of the portable attention, with dropout, against finite differences. */
class AttentionGradientTest {
  private static final Dropout DROPOUT = new Dropout(0.25, 9, 4);
  private static final Segments SEGMENTS = Segments.ofLengths(5, 3, 1, 6);

  private final Kernels kernels = new Nd4jKernels();
  private final FiniteDifferences differences = new FiniteDifferences(kernels.memory());

  @ParameterizedTest
  @MethodSource("io.sparkformer.model.kernel.AttentionCases#causal")
  void causalSelfAttention(AttentionConfig config) {
    selfAttention(config);
  }

  @ParameterizedTest
  @MethodSource("io.sparkformer.model.kernel.AttentionCases#unmasked")
  void selfAttention(AttentionConfig config) {
    AttentionKernel kernel = kernels.attention(AttentionCases.weights(config, differences), config, DROPOUT);
    INDArray x = differences.array(SEGMENTS.tokens(), AttentionCases.WIDTH);
    differences.check(() -> kernel.forward(x, SEGMENTS, x, SEGMENTS, FiniteDifferences.TRAINING, kernels.memory()), x);
  }

  @ParameterizedTest
  @MethodSource("io.sparkformer.model.kernel.AttentionCases#unmasked")
  void crossAttention(AttentionConfig config) {
    AttentionKernel kernel = kernels.attention(AttentionCases.weights(config, differences), config, DROPOUT);
    Segments sourceSegments = Segments.ofLengths(2, 2, 5, 1);
    INDArray x = differences.array(SEGMENTS.tokens(), AttentionCases.WIDTH);
    INDArray source = differences.array(sourceSegments.tokens(), AttentionCases.WIDTH);
    differences.check(
        () -> kernel.forward(x, SEGMENTS, source, sourceSegments, FiniteDifferences.TRAINING, kernels.memory()), x, source);
  }

  /** Its true gradient is zero; rounding must not make it anything else. */
  @ParameterizedTest
  @MethodSource("io.sparkformer.model.kernel.AttentionCases#causal")
  void biasOfKeysIsLeftAloneWithoutRotaryPositions(AttentionConfig config) {
    AttentionWeights weights = AttentionCases.weights(config, differences);
    if (weights.inputBias() == null) {
      return;
    }
    INDArray x = differences.array(SEGMENTS.tokens(), AttentionCases.WIDTH);
    Forward forward = kernels.attention(weights, config, DROPOUT)
        .forward(x, SEGMENTS, x, SEGMENTS, FiniteDifferences.TRAINING, kernels.memory());
    forward.backward().run(Nd4j.ones(x.dataType(), x.shape()), kernels.memory());
    double[] gradient = weights.inputBias().gradient().toDoubleVector();
    for (int i = config.queryWidth(); i < config.queryWidth() + config.keyValueWidth(); i++) {
      if (config.positions() instanceof AttentionPositions.Rotary) {
        assertThat(gradient[i]).isNotEqualTo(1);
      } else {
        assertThat(gradient[i]).isEqualTo(1);
      }
    }
  }
}
