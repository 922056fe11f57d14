package io.sparkformer.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Decoding with a cache, in calls of any sizes, gives the rows of one pass over whole sequences. */
class AttentionDecodingTest {
  private static final int[] LENGTHS = {5, 3, 6};

  private final Kernels kernels = new Nd4jKernels();
  private final FiniteDifferences source = new FiniteDifferences(kernels.memory());

  @ParameterizedTest
  @MethodSource("io.sparkformer.model.kernel.AttentionCases#causal")
  void onePrefillOfAllTokens(AttentionConfig config) {
    decoded(config, LENGTHS);
  }

  @ParameterizedTest
  @MethodSource("io.sparkformer.model.kernel.AttentionCases#causal")
  void promptsOfDifferentLengthsAndThenSteps(AttentionConfig config) {
    decoded(config, new int[] {3, 1, 4}, new int[] {1, 1, 1}, new int[] {1, 1, 1});
  }

  @ParameterizedTest
  @MethodSource("io.sparkformer.model.kernel.AttentionCases#causal")
  void severalPromptsOneBehindTheOther(AttentionConfig config) {
    decoded(config, new int[] {1, 1, 1}, new int[] {3, 1, 2}, new int[] {1, 1, 3});
  }

  /** Feeds {@code calls[i][row]} tokens of every row at call {@code i}; compares all outputs. */
  private void decoded(AttentionConfig config, int[]... calls) {
    AttentionKernel kernel = kernels.attention(AttentionCases.weights(config, source), config, Dropout.NONE);
    Segments whole = Segments.ofLengths(0, LENGTHS);
    INDArray x = source.array(whole.tokens(), AttentionCases.WIDTH);
    INDArray expected = kernel.forward(x, whole, x, whole, Pass.INFERENCE, kernels.memory()).output();
    KeyValueCache cache = kernel.emptyCache(LENGTHS.length);
    int[] done = new int[LENGTHS.length];
    for (int[] call : calls) {
      int[] rows = rows(whole, done, call);
      assertEqual(kernel.extend(x.getRows(rows), Segments.ofLengths(0, call), cache, kernels.memory()), expected.getRows(rows));
      Arrays.setAll(done, row -> done[row] + call[row]);
    }
    assertThat(done).isEqualTo(LENGTHS);
  }

  /** Of every sequence the rows of its next tokens. */
  private static int[] rows(Segments whole, int[] done, int[] tokens) {
    return IntStream.range(0, tokens.length)
        .flatMap(s -> IntStream.range(0, tokens[s]).map(i -> whole.start(s) + done[s] + i)).toArray();
  }

  @ParameterizedTest
  @MethodSource("io.sparkformer.model.kernel.AttentionCases#causal")
  void selectedRowsGoOnFromTheirParents(AttentionConfig config) {
    AttentionKernel kernel = kernels.attention(AttentionCases.weights(config, source), config, Dropout.NONE);
    INDArray prompts = source.array(5, AttentionCases.WIDTH);
    KeyValueCache cache = kernel.emptyCache(2);
    kernel.extend(prompts, Segments.ofLengths(0, 2, 3), cache, kernels.memory());
    cache.select(new int[] {1, 0, 1});
    INDArray next = source.array(3, AttentionCases.WIDTH);
    INDArray out = kernel.extend(next, Segments.ofLengths(0, 1, 1, 1), cache, kernels.memory());

    INDArray first = prompts.getRows(0, 1);
    INDArray second = prompts.getRows(2, 3, 4);
    INDArray x = Nd4j.vstack(second, next.getRows(0), first, next.getRows(1), second, next.getRows(2));
    Segments whole = Segments.ofLengths(0, 4, 3, 4);
    INDArray expected = kernel.forward(x, whole, x, whole, Pass.INFERENCE, kernels.memory()).output();
    assertEqual(out, expected.getRows(3, 6, 10));
  }

  private static Stream<AttentionConfig> withoutPositions() {
    return AttentionCases.unmasked().filter(config -> config.positions() instanceof AttentionPositions.None);
  }

  @ParameterizedTest
  @MethodSource("withoutPositions")
  void lookIsCrossAttention(AttentionConfig config) {
    AttentionKernel kernel = kernels.attention(AttentionCases.weights(config, source), config, Dropout.NONE);
    Segments segments = Segments.ofLengths(0, 2, 1, 3);
    Segments memorySegments = Segments.ofLengths(0, 4, 5, 1);
    INDArray x = source.array(6, AttentionCases.WIDTH);
    INDArray memory = source.array(10, AttentionCases.WIDTH);
    INDArray expected = kernel.forward(x, segments, memory, memorySegments, Pass.INFERENCE, kernels.memory()).output();
    KeyValueCache cache = kernel.cacheOf(memory, memorySegments);
    assertEqual(kernel.look(x, segments, cache, kernels.memory()), expected);
    cache.select(new int[] {2, 0});
    assertEqual(kernel.look(x.getRows(3, 0), Segments.ofLengths(0, 1, 1), cache, kernels.memory()),
        kernel.forward(x.getRows(3, 0), Segments.ofLengths(0, 1, 1), Nd4j.vstack(memory.getRows(9), memory.getRows(0, 1, 2, 3)),
            Segments.ofLengths(0, 1, 4), Pass.INFERENCE, kernels.memory()).output());
  }

  private static Stream<AttentionConfig> withPositions() {
    return AttentionCases.unmasked().filter(config -> !(config.positions() instanceof AttentionPositions.None));
  }

  @ParameterizedTest
  @MethodSource("withPositions")
  void fullCacheWithPositionsIsRefused(AttentionConfig config) {
    AttentionKernel kernel = kernels.attention(AttentionCases.weights(config, source), config, Dropout.NONE);
    assertThatThrownBy(() -> kernel.cacheOf(source.array(3, AttentionCases.WIDTH), Segments.ofLengths(0, 3)))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("knows no positions of queries");
  }

  private static void assertEqual(INDArray found, INDArray expected) {
    assertThat(found.shape()).isEqualTo(expected.shape());
    double[] values = found.dup('c').reshape(found.length()).toDoubleVector();
    assertThat(values).usingComparatorWithPrecision(1e-12)
        .containsExactly(expected.dup('c').reshape(expected.length()).toDoubleVector());
  }
}
