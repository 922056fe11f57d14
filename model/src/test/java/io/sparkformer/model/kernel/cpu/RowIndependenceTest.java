package io.sparkformer.model.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.config.Biases;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.config.NormConfig;
import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.FeedForwardKernel;
import io.sparkformer.model.kernel.FeedForwardWeights;
import io.sparkformer.model.kernel.KeyValueCache;
import io.sparkformer.model.kernel.LossTerms;
import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.NormWeights;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.OutputWeights;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.kernel.compare.Sample;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.product.Float32Arithmetic;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** In inference a row's result is the same to the last bit whatever other rows there are, and however many threads compute it. */
class RowIndependenceTest {
  private static final Space SPACE = Nd4j::createUninitializedDetached;
  private static final int ROWS = 2 * RowBlocks.ROWS + 5;
  private static final int[] COUNTS = {1, 2, 15, 16, 17, 40, RowBlocks.ROWS, RowBlocks.ROWS + 1};

  /** Subclasses run everything with another precision. */
  CpuKernels kernels(int threads) {
    return new CpuKernels(threads, new Float32Arithmetic());
  }

  @ParameterizedTest
  @ValueSource(ints = {34, 256, 512})
  void feedForwardOfARow(int width) {
    Sample sample = new Sample(width);
    INDArray x = sample.array(ROWS, width);
    for (Activation activation : Activation.values()) {
      for (FeedForwardConfig.Kind kind : FeedForwardConfig.Kind.values()) {
        FeedForwardConfig config = new FeedForwardConfig(kind, 2 * width, activation, Biases.ALL, 0);
        FeedForwardWeights weights = new FeedForwardWeights(sample.weight(0.1, config.innerRows(), width),
            sample.weight(0.1, config.innerRows()), sample.weight(0.1, width, config.inner()), sample.weight(0.1, width));
        float[] all = values(kernels(1).feedForward(weights, config, Dropout.NONE).forward(x, 0, Pass.INFERENCE, SPACE).output());
        for (int threads = 1; threads < 4; threads++) {
          FeedForwardKernel other = kernels(threads).feedForward(weights, config, Dropout.NONE);
          for (int count : COUNTS) {
            assertThat(values(other.forward(rows(x, ROWS - count, ROWS), 0, Pass.INFERENCE, SPACE).output()))
                .as("%s, %d rows, %d threads", config, count, threads)
                .isEqualTo(Arrays.copyOfRange(all, (ROWS - count) * width, ROWS * width));
          }
        }
      }
    }
  }

  /** Of what stands before a head: pooler, transform, and the norm behind it. */
  @ParameterizedTest
  @ValueSource(ints = {34, 256})
  void denseLayerAndNormOfARow(int width) {
    Sample sample = new Sample(width);
    Weight weight = sample.weight(0.1, width, width);
    Weight bias = sample.weight(0.1, width);
    NormWeights norm = new NormWeights(sample.weight(1, width), sample.weight(1, width));
    INDArray x = sample.array(ROWS, width);
    float[] all = denseAndNorm(kernels(1), weight, bias, norm, x);
    for (int threads = 1; threads < 4; threads++) {
      for (int count : COUNTS) {
        assertThat(denseAndNorm(kernels(threads), weight, bias, norm, rows(x, ROWS - count, ROWS)))
            .as("%d rows, %d threads", count, threads).isEqualTo(Arrays.copyOfRange(all, (ROWS - count) * width, ROWS * width));
      }
    }
  }

  private static float[] denseAndNorm(CpuKernels kernels, Weight weight, Weight bias, NormWeights norm, INDArray x) {
    INDArray transformed = kernels.dense(weight, bias, Activation.GELU).forward(x, Pass.INFERENCE, SPACE).output();
    return values(kernels.norm(norm, NormConfig.rms(1e-6), Dropout.NONE).forward(transformed, 0, Pass.INFERENCE, SPACE).output());
  }

  @ParameterizedTest
  @ValueSource(ints = {34, 256})
  void nextTokensOfARow(int width) {
    Sample sample = new Sample(width);
    int vocabulary = 3001;
    OutputKernel kernel = kernels(2).output(
        new OutputWeights(sample.weight(0.3, vocabulary, width), sample.weight(0.3, vocabulary)), Math.pow(width, -0.5),
        LossTerms.smoothing(0.1));
    INDArray x = sample.array(ROWS, width);
    NextTokens all = kernel.nextTokens(x, 5, 2);
    for (int count : COUNTS) {
      NextTokens some = kernel.nextTokens(rows(x, ROWS - count, ROWS), 5, 2);
      for (int row = 0; row < count; row++) {
        int of = ROWS - count + row;
        assertThat(some.endLogProbability(row)).isEqualTo(all.endLogProbability(of));
        for (int rank = 0; rank < 5; rank++) {
          assertThat(some.token(row, rank)).isEqualTo(all.token(of, rank));
          assertThat(some.logProbability(row, rank)).isEqualTo(all.logProbability(of, rank));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {34, 256})
  void attentionOfASentenceAndOfASteppedRow(int width) {
    Sample sample = new Sample(width);
    AttentionWeights weights = new AttentionWeights(sample.weight(0.3, 3L * width, width), sample.weight(0.3, 3L * width),
        sample.weight(0.3, width, width), sample.weight(0.3, width), null);
    AttentionKernel kernel = kernels(2).attention(weights, attention(width, Masking.NONE), Dropout.NONE);
    AttentionKernel causal = kernels(2).attention(weights, attention(width, Masking.CAUSAL), Dropout.NONE);
    int[] lengths = {7, 30, 1, 0, 19, 16, 120};
    Segments segments = Segments.ofLengths(0, lengths);
    INDArray x = sample.array(segments.tokens(), width);
    INDArray all = kernel.forward(x, segments, x, segments, Pass.INFERENCE, SPACE).output();
    for (int s = 0; s < lengths.length; s++) {
      if (lengths[s] > 0) {
        INDArray own = rows(x, segments.start(s), segments.start(s + 1));
        Segments alone = Segments.ofLengths(0, lengths[s]);
        assertThat(values(kernel.forward(own, alone, own, alone, Pass.INFERENCE, SPACE).output())).as("sentence %d", s)
            .isEqualTo(values(rows(all, segments.start(s), segments.start(s + 1))));
      }
    }
    // Steps: row r of a batch of rows against the same row alone, over several steps.
    int rows = 40;
    KeyValueCache together = causal.emptyCache(rows);
    KeyValueCache alone = causal.emptyCache(1);
    KeyValueCache crossTogether = kernel.cacheOf(x, segments);
    KeyValueCache crossAlone = kernel.cacheOf(rows(x, segments.start(1), segments.start(2)), Segments.ofLengths(0, lengths[1]));
    crossTogether.select(IntStream.range(0, rows).map(i -> i == 23 ? 1 : i % lengths.length).toArray());
    Segments tokens = Segments.ofLengths(0, IntStream.generate(() -> 1).limit(rows).toArray());
    Segments token = Segments.ofLengths(0, 1);
    for (int t = 0; t < 37; t++) {
      INDArray q = sample.array(rows, width);
      INDArray own = rows(q, 23, 24);
      assertThat(values(causal.extend(own, token, alone, SPACE)))
          .isEqualTo(values(rows(causal.extend(q, tokens, together, SPACE), 23, 24)));
      assertThat(values(kernel.look(own, token, crossAlone, SPACE)))
          .isEqualTo(values(rows(kernel.look(q, tokens, crossTogether, SPACE), 23, 24)));
    }
  }

  private static AttentionConfig attention(int width, Masking masking) {
    return new AttentionConfig(2, 2, width / 2, Math.pow(width / 2.0, -0.5), Biases.ALL, masking, 0, AttentionPositions.NONE, 0);
  }

  /** Compared as numbers: ND4J's own comparison of arrays has a tolerance. */
  private static float[] values(INDArray array) {
    return array.dup('c').data().asFloat();
  }

  private static INDArray rows(INDArray x, int from, int to) {
    return Nd4j.createFromArray(values(x)).get(NDArrayIndex.interval(from * x.size(1), to * x.size(1))).dup()
        .reshape(to - from, x.size(1));
  }
}
