package io.sparkformer.model.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.Session;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.NextTokens;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class SessionTest {
  private static final int END = 2;

  static List<Arguments> casesAndKernels() throws IOException {
    return GoldenTransformerTest.casesAndKernels();
  }

  /** The cache is right if every step gives what the whole graph gives at that position. */
  @ParameterizedTest
  @MethodSource("casesAndKernels")
  void stepsGiveTheDistributionsOfTheWholeGraph(GoldenCase golden, Kernels kernels, double tolerance) {
    TransformerModel model = GoldenTransformerTest.model(golden, kernels);
    Session decoder = new Session(model, new ControlTokens(golden.json().get("bos").asInt(), END, Set.of()));
    Batch batch = golden.batch();
    INDArray logits = model.logits(batch, HeadConfig.Vocabulary.NAME);
    int[] offsets = batch.decoder().offsets().toIntVector();
    int[] target = batch.decoder().ids().toIntVector();

    // Rows leave as their sentences end, and go on in reversed order: caches must follow.
    int[] rows = IntStream.range(0, golden.targets().size()).toArray();
    int[] parents = rows.clone();
    int vocabulary = model.config().vocabulary();
    for (int t = 0; rows.length > 0; t++) {
      int time = t;
      NextTokens next = t == 0 ? decoder.start(golden.sources(), vocabulary)
          : decoder.step(Arrays.stream(rows).map(s -> target[offsets[s] + time]).toArray(), parents, vocabulary);
      for (int r = 0; r < rows.length; r++) {
        double[] expected = logSoftmax(logits.getRow(offsets[rows[r]] + t).toDoubleVector());
        for (int rank = 0; rank < vocabulary; rank++) {
          assertThat((double) next.logProbability(r, rank)).isCloseTo(expected[next.token(r, rank)], within(tolerance));
        }
        assertThat((double) next.endLogProbability(r)).isCloseTo(expected[END], within(tolerance));
      }
      int[] before = rows;
      rows = Arrays.stream(before).filter(s -> offsets[s] + time + 1 < offsets[s + 1]).toArray();
      rows = IntStream.range(0, rows.length).map(reversed(rows)::applyAsInt).toArray();
      parents = Arrays.stream(rows).map(s -> indexOf(before, s)).toArray();
    }
  }

  private static IntUnaryOperator reversed(int[] rows) {
    return i -> rows[rows.length - 1 - i];
  }

  private static int indexOf(int[] values, int value) {
    return IntStream.range(0, values.length).filter(i -> values[i] == value).findFirst().orElseThrow();
  }

  private static double[] logSoftmax(double[] logits) {
    double max = Arrays.stream(logits).max().orElseThrow();
    double log = max + Math.log(Arrays.stream(logits).map(z -> Math.exp(z - max)).sum());
    return Arrays.stream(logits).map(z -> z - log).toArray();
  }
}
