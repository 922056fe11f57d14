package io.sparkformer.model.kernel.compare;

import static io.sparkformer.model.kernel.compare.Sample.exact;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.config.EmbeddingConfig;
import io.sparkformer.model.config.EmbeddingPositions;
import io.sparkformer.model.config.EmbeddingPositions.Learned;
import io.sparkformer.model.config.EmbeddingPositions.Sinusoidal;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.EmbeddingKernel;
import io.sparkformer.model.kernel.EmbeddingWeights;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Embeddings with all kinds of positions, with and without token types, against the portable ones. No products: one precision is all. */
public abstract class EmbeddingAgreement extends KernelComparison {
  private static final int VOCABULARY = 43;
  private static final int MAX_LENGTH = 200;
  private static final List<EmbeddingPositions> POSITIONS = List.of(EmbeddingPositions.NONE,
      new Sinusoidal(Sinusoidal.Layout.INTERLEAVED, 0, 4), new Sinusoidal(Sinusoidal.Layout.HALVES, 2, 3), new Learned(MAX_LENGTH, 0),
      new Learned(MAX_LENGTH + 2, 2));

  private static EmbeddingWeights weights(Sample sample, EmbeddingConfig config, int width) {
    return new EmbeddingWeights(sample.weight(1, VOCABULARY, width),
        config.positions() instanceof Learned learned ? sample.weight(1, learned.rows(), width) : null,
        config.tokenTypes() > 0 ? sample.weight(1, config.tokenTypes(), width) : null);
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void embeddingAgrees(int[] lengths) {
    Segments segments = Segments.ofLengths(13, lengths);
    for (EmbeddingPositions positions : POSITIONS) {
      for (int types : new int[] {0, 3}) {
        EmbeddingConfig config = new EmbeddingConfig("table", 1.5, positions, types, null, 0);
        EmbeddingConfig padded = new EmbeddingConfig("table", 7, 1.5, positions, types, null, 0);
        for (int width : new int[] {2, LANES, LANES + 2, 5 * LANES - 2}) {
          assertAgree(config, segments, width, Dropout.NONE, null);
          assertAgree(padded, segments, width, DROPOUT, new int[lengths.length]);
        }
      }
    }
  }

  private void assertAgree(EmbeddingConfig config, Segments segments, int width, Dropout dropout, int[] firstPositions) {
    Sample sample = new Sample(width);
    EmbeddingWeights weights = weights(sample, config, width);
    EmbeddingWeights exact = new EmbeddingWeights(exact(weights.table()), exact(weights.positions()), exact(weights.types()));
    INDArray ids = sample.ids(VOCABULARY, segments.tokens());
    // Without types all tokens are of type 0.
    INDArray types = config.tokenTypes() > 0 && dropout.rate() > 0 ? sample.ids(config.tokenTypes(), segments.tokens()) : null;
    INDArray dy = sample.array(segments.tokens(), width);
    EmbeddingKernel found = fast.embedding(weights, config, MAX_LENGTH, dropout);
    EmbeddingKernel expected = portable.embedding(exact, config, MAX_LENGTH, dropout);
    String what = "%s, %s: ".formatted(config, dropout);
    assertClose(what + "inference", inference(() -> found.forward(ids, types, segments, firstPositions, Pass.INFERENCE, SPACE)),
        expected.forward(ids, types, segments, firstPositions, Pass.INFERENCE, SPACE).output(), 1);
    Forward forward = training(() -> found.forward(ids, types, segments, firstPositions, TRAINING, SPACE));
    Forward exactForward = expected.forward(ids, types, segments, firstPositions, TRAINING, SPACE);
    assertClose(what + "output", forward.output(), exactForward.output(), 1);
    assertThat(backward(forward, dy)).isEmpty();
    exactBackward(exactForward, dy);
    assertSameGradient(what + "table", weights.table(), exact.table(), segments.tokens());
    assertSameGradient(what + "positions", weights.positions(), exact.positions(), segments.tokens());
    assertSameGradient(what + "types", weights.types(), exact.types(), segments.tokens());
  }

  /** A step of decoding gives a token what it has in the whole sequence. */
  @Test
  void tokensBehindAFirstPositionAreThoseOfTheWholeSequence() {
    for (EmbeddingPositions positions : POSITIONS) {
      EmbeddingConfig config = new EmbeddingConfig("table", 1, positions, 2, null, 0);
      EmbeddingKernel kernel = fast.embedding(weights(new Sample(3), config, 20), config, MAX_LENGTH, Dropout.NONE);
      INDArray whole = kernel.forward(Nd4j.createFromArray(5, 6, 7, 8, 9, 10), null, Segments.ofLengths(0, 4, 2), null, Pass.INFERENCE,
          SPACE).output();
      INDArray step = kernel.forward(Nd4j.createFromArray(7, 8, 10), null, Segments.ofLengths(0, 2, 1), new int[] {2, 1}, Pass.INFERENCE,
          SPACE).output();
      assertThat(values(step.getRow(0))).isEqualTo(values(whole.getRow(2)));
      assertThat(values(step.getRow(1))).isEqualTo(values(whole.getRow(3)));
      assertThat(values(step.getRow(2))).isEqualTo(values(whole.getRow(5)));
    }
  }

  @Test
  void embeddingNamesWhatItCannotLookUp() {
    EmbeddingConfig config = new EmbeddingConfig("table", 1, new Learned(5, 2), 2, null, 0);
    EmbeddingKernel kernel = fast.embedding(weights(new Sample(1), config, 4), config, 3, Dropout.NONE);
    assertRefused(kernel, new int[] {1, VOCABULARY}, null, null, "Token id 43 at row 1 is outside the vocabulary of 43");
    assertRefused(kernel, new int[] {-1}, null, null, "Token id -1 at row 0 is outside the vocabulary of 43");
    assertRefused(kernel, new int[] {1, 1}, new int[] {1, 2}, null, "Token type 2 at row 1 is outside the 2 token types");
    assertRefused(kernel, new int[] {1, 1, 1, 1}, null, null,
        "A sentence of 4 tokens is longer than model.max-length = 3; drop it or raise the limit");
    assertRefused(kernel, new int[] {1, 1}, null, new int[] {2}, "Position 3 is not below model.max-length = 3");
    EmbeddingKernel longer = fast.embedding(weights(new Sample(1), config, 4), config, 100, Dropout.NONE);
    assertRefused(longer, new int[] {1, 1, 1, 1}, null, null,
        "Position 3 needs row 5 of the learned positions, which have 5 rows; lower model.max-length");
  }

  private static void assertRefused(EmbeddingKernel kernel, int[] ids, int[] types, int[] firstPositions, String message) {
    assertThatThrownBy(() -> kernel.forward(Nd4j.createFromArray(ids), types == null ? null : Nd4j.createFromArray(types),
        Segments.ofLengths(0, ids.length), firstPositions, TRAINING, SPACE))
        .isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
