package io.sparkformer.model.benchmark;

import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.architecture.TransformerSettings;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.Session;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.NextTokens;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/** A beam search's work on the paper's network with two layers in each stack, without the search itself. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class DecodingBenchmark {
  private static final int SENTENCES = 8;
  private static final int BEAM = 4;
  private static final int LAYERS = 2;

  /** Reads the sources, and makes as many steps as a sentence has tokens. */
  @Benchmark
  public Object decoding(Decoding state) {
    return state.decode();
  }

  /** Sources, and a network that reads them. */
  public static class Decoding extends KernelState {
    private Session session;
    private List<int[]> sources;

    @Override
    void prepare() {
      NetworkConfig config = new TransformerSettings(LAYERS, LAYERS, size.dModel, size.heads, size.ffn, NormPosition.POST,
          Activation.RELU, TiedEmbeddings.ALL, 0, 0, 0, 0, 2 * NetworkSize.TIME, 1e-5)
          .config(size.vocabulary, new SpecialTokens(0, 1, 2), 1).network();
      session = new Session(TransformerModel.create(config, kernels), ControlTokens.STANDARD);
      Random random = new Random(1);
      sources = Stream.generate(() -> random.ints(NetworkSize.TIME - 1, 5, size.vocabulary).toArray()).limit(SENTENCES).toList();
    }

    Object decode() {
      NextTokens next = session.start(sources, 2 * BEAM);
      int[] parents = IntStream.range(0, SENTENCES * BEAM).map(row -> row / BEAM).toArray();
      int[] tokens = new int[parents.length];
      for (int step = 1; step < NetworkSize.TIME; step++) {
        for (int row = 0; row < tokens.length; row++) {
          tokens[row] = next.token(parents[row], row % BEAM);
        }
        next = session.step(tokens, parents, 2 * BEAM);
        // Every second hypothesis is continued twice, as a search would have it.
        Arrays.setAll(parents, row -> row - row % 2);
      }
      session.close();
      return next;
    }
  }
}
