package io.sparkformer.model.kernel.compare;

import static io.sparkformer.model.kernel.compare.Sample.exact;
import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.Biases;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.KeyValueCache;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention of every configuration, forward, backward and in decoding, against the portable kernels. */
public abstract class AttentionAgreement extends AttentionComparison {
  private static final int[] SHORT = {0, 3, 1, LANES + 1, 0, LANES, 31};
  @ParameterizedTest
  @MethodSource("configurations")
  void shortSentencesAgree(AttentionConfig config) {
    assertAgree(config, SHORT, DROPOUT);
    assertAgree(config, SHORT, Dropout.NONE);
    assertAgree(config, new int[] {1}, Dropout.NONE);
  }

  /** Of an empty memory, the output is the bias alone, and no gradient goes back. */
  @Test
  void queriesWithoutKeysGetNothing() {
    AttentionConfig config = config(2, 2, 8, 0.5, Biases.INPUTS, Masking.NONE, 0, NONE);
    Sample sample = new Sample(2);
    INDArray x = sample.array(5, WIDTH);
    Forward forward = fast.attention(weights(config, sample), config, DROPOUT)
        .forward(x, Segments.ofLengths(0, 3, 2), sample.array(4, WIDTH), Segments.ofLengths(0, 0, 4), TRAINING, SPACE);
    assertThat(Arrays.copyOf(values(forward.output()), 3 * WIDTH)).containsOnly(0);
    float[] gradient = values(backward(forward, sample.array(5, WIDTH))[0]);
    assertThat(Arrays.copyOf(gradient, 3 * WIDTH)).containsOnly(0);
    assertThat(Arrays.copyOfRange(gradient, 3 * WIDTH, 5 * WIDTH)).doesNotContain(0);
  }

  /** Prompts of different lengths in one pass, then more of them, then steps, long enough that a window forgets. */
  @ParameterizedTest
  @MethodSource("causal")
  void decodingAgrees(AttentionConfig config) {
    int[][] calls = new int[90][];
    Arrays.fill(calls, new int[] {1, 1, 1});
    calls[0] = new int[] {2 * LANES + 3, 1, 7};
    calls[1] = new int[] {1, 75, 3};
    int[] lengths = IntStream.range(0, 3).map(row -> Arrays.stream(calls).mapToInt(call -> call[row]).sum()).toArray();
    Sample sample = new Sample(config.toString().hashCode());
    AttentionWeights weights = weights(config, sample);
    Segments whole = Segments.ofLengths(0, lengths);
    INDArray x = sample.array(whole.tokens(), WIDTH);
    INDArray exactX = exact(x);
    INDArray expected = portable.attention(exactly(weights), config, Dropout.NONE)
        .forward(exactX, whole, exactX, whole, Pass.INFERENCE, SPACE).output();
    AttentionKernel kernel = fast.attention(weights, config, Dropout.NONE);
    KeyValueCache cache = kernel.emptyCache(3);
    int[] done = new int[3];
    for (int[] call : calls) {
      int[] rows = IntStream.range(0, 3)
          .flatMap(row -> IntStream.range(0, call[row]).map(i -> whole.start(row) + done[row] + i)).toArray();
      long before = fast.memory().used();
      INDArray found = kernel.extend(x.getRows(rows), Segments.ofLengths(0, call), cache, SPACE);
      assertThat(fast.memory().used()).isEqualTo(before);
      assertClose("rows from " + Arrays.toString(done), found, expected.getRows(rows), terms(config, whole.longest()));
      Arrays.setAll(done, row -> done[row] + call[row]);
    }
  }

  @Test
  void crossAttentionOfDecodedTokensAgrees() {
    AttentionConfig config = config(6, 2, 2 * LANES + 3, 0.2, Biases.ALL, Masking.NONE, 0, NONE);
    Sample sample = new Sample(3);
    AttentionWeights weights = weights(config, sample);
    Segments memorySegments = Segments.ofLengths(0, 5, 150, 1, 40);
    Segments segments = Segments.ofLengths(0, 1, 40, 2, 3);
    INDArray memory = sample.array(memorySegments.tokens(), WIDTH);
    INDArray x = sample.array(segments.tokens(), WIDTH);
    INDArray expected = portable.attention(exactly(weights), config, Dropout.NONE)
        .forward(exact(x), segments, exact(memory), memorySegments, Pass.INFERENCE, SPACE).output();
    AttentionKernel kernel = fast.attention(weights, config, Dropout.NONE);
    KeyValueCache cache = kernel.cacheOf(memory, memorySegments);
    assertClose("look", kernel.look(x, segments, cache, SPACE), expected, terms(config, memorySegments.longest()));
    cache.select(new int[] {3, 0});
    assertClose("after selection", kernel.look(x.getRows(43, 0), Segments.ofLengths(0, 1, 1), cache, SPACE), expected.getRows(43, 0),
        terms(config, memorySegments.longest()));
  }
}
