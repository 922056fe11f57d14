package io.sparkformer.model.kernel;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.EmbeddingPositions;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What the portable kernels refuse, and what they say about it. */
class KernelErrorsTest {
  private final Kernels kernels = new Nd4jKernels();
  private final FiniteDifferences source = new FiniteDifferences(kernels.memory());

  @Test
  void idsOutsideTheTable() {
    assertRefused(() -> embed(new int[] {3, 9}, new int[] {0, 0}, 0), "Token 9 at row 1 is outside the table of 9 rows");
    assertRefused(() -> embed(new int[] {-1, 3}, new int[] {0, 0}, 0), "Token -1 at row 0 is outside the table of 9 rows");
    assertRefused(() -> embed(new int[] {3, 3}, new int[] {0, 2}, 0), "Token type 2 at row 1 is outside the table of 2 rows");
  }

  @Test
  void positionsBehindTheLongestSequence() {
    embed(new int[] {3, 3}, new int[] {0, 0}, 3);
    assertRefused(() -> embed(new int[] {3, 3}, new int[] {0, 0}, 4),
        "Sequence 0 has tokens at the positions 4 to 5, the longest sequence has 5 tokens");
  }

  /** Of 7 learned rows 2 stand before position 0: a sequence has 5 at most. */
  private void embed(int[] ids, int[] types, int firstPosition) {
    kernels.embedding(new EmbeddingWeights(source.weight(9, 4), source.weight(7, 4), source.weight(2, 4)),
            new EmbeddingConfig("table", 1, new EmbeddingPositions.Learned(7, 2), 2, null, 0), 10, Dropout.NONE)
        .forward(Nd4j.createFromArray(ids), Nd4j.createFromArray(types), Segments.ofLengths(0, 2), new int[] {firstPosition},
            Pass.INFERENCE, kernels.memory());
  }

  @Test
  void labelsOutsideTheClasses() {
    OutputKernel kernel = kernels.output(new OutputWeights(source.weight(9, 4), null), 1, LossTerms.NONE);
    INDArray x = source.array(2, 4);
    assertRefused(() -> kernel.loss(x, Nd4j.createFromArray(-100, 9)), "Label 9 of row 1 is not below the number of classes, 9");
    assertRefused(() -> kernel.loss(x, Nd4j.createFromArray(1, 2, 3)), "one label for each row: rows=2, labels=3");
  }

  @Test
  void spansOutsideTheirSequence() {
    Segments segments = Segments.ofLengths(0, 3, 2);
    assertRefused(() -> new SpanLoss(segments, new int[][] {{0, 2}, {1, 2}}),
        "The answer of sequence 1 has its last token at place 2, but the sequence has 2 tokens");
    assertRefused(() -> new SpanLoss(segments, new int[][] {{0, 2}}), "a span for each sequence: sequences=2, spans=1");
    ScoreKernel kernel = kernels.scores(new OutputWeights(source.weight(3, 4), null));
    assertRefused(() -> kernel.loss(source.array(5, 4), new SpanLoss(segments, new int[][] {{0, 2}, {1, 1}})),
        "A span has 2 scores a token, found 15 for 5 tokens");
    assertRefused(() -> kernel.loss(source.array(1, 4), new SquaredError(0)), "a value for each sequence: sequences=3, values=1");
  }

  @Test
  void poolingOfNothing() {
    assertRefused(() -> kernels.pooling(PoolingKernel.Kind.MEAN)
        .forward(source.array(3, 4), Segments.ofLengths(0, 3, 0), Pass.INFERENCE, kernels.memory()), "Sequence 1 has no token to pool");
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
  }
}
