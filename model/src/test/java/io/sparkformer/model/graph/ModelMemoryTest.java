package io.sparkformer.model.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.Kind;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.Positions;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.config.TransformerConfig;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Nd4jKernels;
import io.sparkformer.model.kernel.cpu.Bfloat16Kernels;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.cpu.Int8Kernels;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.factory.Nd4j;

class ModelMemoryTest {
  private static final int VOCABULARY = 2000;
  private static final int THREADS = 3;
  /** DL4J's workspaces have their final size once they were used as often as there are vertices. */
  private static final int STEPS = 30;
  private static final long MEGABYTE = 1 << 20;
  /** A leak lets the heap grow every time; what earlier tests left in this process, and the JVM itself, move it once by megabytes. */
  private static final int HEAP_ROUNDS = 3;

  private static TransformerConfig config(int layers, int dModel, int ffn, NormPosition norm, TiedEmbeddings tied) {
    Activation activation = norm == NormPosition.PRE ? Activation.GELU : Activation.RELU;
    return new TransformerConfig(Kind.ENCODER_DECODER, VOCABULARY, layers, layers, dModel, 4, ffn, norm, activation, Positions.SINUSOIDAL,
        tied, 0.1, 0, 0, 0.1, 128, 1e-5, 1);
  }

  /** Every kind of kernels, on one thread and on several; the portable ones have no threads of their own. */
  static List<Arguments> kernelsAndThreads() {
    List<Arguments> all = new ArrayList<>(List.of(Arguments.of(ProductMemory.PORTABLE, 1)));
    for (ProductMemory products : EnumSet.complementOf(EnumSet.of(ProductMemory.PORTABLE))) {
      all.add(Arguments.of(products, 1));
      all.add(Arguments.of(products, THREADS));
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("kernelsAndThreads")
  void aSmallPostNormNetworkTakesAtMostWhatIsPredicted(ProductMemory products, int threads) throws Exception {
    assertPredicted(config(2, 64, 256, NormPosition.POST, TiedEmbeddings.ALL), products, threads, 512, 64);
  }

  @ParameterizedTest
  @MethodSource("kernelsAndThreads")
  void aWiderPreNormNetworkTakesAtMostWhatIsPredicted(ProductMemory products, int threads) throws Exception {
    assertPredicted(config(2, 128, 512, NormPosition.PRE, TiedEmbeddings.DECODER), products, threads, 256, 32);
  }

  @Test
  void theFlatArraysAreExact() {
    for (NormPosition norm : NormPosition.values()) {
      for (TiedEmbeddings tied : TiedEmbeddings.values()) {
        TransformerConfig config = config(3, 32, 48, norm, tied);
        TransformerModel model = TransformerModel.create(config, new Nd4jKernels());
        ModelMemory memory = ModelMemory.of(config, new MicroBatchSize(10, 10, 5, 5), ProductMemory.FLOAT32, 1);
        assertThat(memory.parameters()).isEqualTo(Float.BYTES * model.parameters().length()).isEqualTo(memory.gradients());
      }
    }
  }

  @Test
  void aShareExceedsItsPartOfTheBatchByOneSentenceAtMost() {
    assertThat(MicroBatchSize.share(4096, 1, 100, 120)).isEqualTo(new MicroBatchSize(4096, 4096, 100, 120));
    assertThat(MicroBatchSize.share(4096, 8, 100, 120)).isEqualTo(new MicroBatchSize(612, 632, 100, 120));
    assertThatThrownBy(() -> MicroBatchSize.share(64, 2, 100, 20)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid micro-batch: 64 source tokens, longest sentence 100; 52 target tokens, longest sentence 20");
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, 1", "BFLOAT16, 3", "INT8, 3"})
  void memoryDoesNotGrowAfterTheFirstSteps(ProductMemory products, int threads) throws Exception {
    assumeItRuns(products);
    inOwnThread(() -> {
      NativeMemory memory = new NativeMemory();
      TransformerConfig config = config(1, 32, 64, NormPosition.POST, TiedEmbeddings.ALL);
      TransformerModel model = TransformerModel.create(config, kernels(products, threads));
      Random random = new Random(1);
      for (int step = 0; step < 20; step++) {
        train(model, batch(random, 256, step % 2 == 0 ? 64 : 8), step);
      }
      varied(model, random, 40);
      long first = memory.taken(model);
      long growth = Long.MAX_VALUE;
      for (int round = 0; round < HEAP_ROUNDS && growth >= 2 * MEGABYTE; round++) {
        long heap = NativeMemory.heap();
        varied(model, random, 200);
        growth = NativeMemory.heap() - heap;
      }
      assertThat(memory.taken(model)).as("native bytes").isLessThan(first + MEGABYTE / 4);
      assertThat(growth).as("bytes by which the heap grew, in each of %d rounds", HEAP_ROUNDS).isLessThan(2 * MEGABYTE);
      return null;
    });
  }

  private static void varied(TransformerModel model, Random random, int steps) {
    for (int step = 0; step < steps; step++) {
      train(model, batch(random, 64 + random.nextInt(193), 2 + random.nextInt(63)), step);
    }
  }

  /** Of several threads, some find nothing to do in so small a network, and take less than they may. */
  private static void assertPredicted(TransformerConfig config, ProductMemory products, int threads, int tokens, int length)
      throws Exception {
    assumeItRuns(products);
    long taken = inOwnThread(() -> {
      NativeMemory memory = new NativeMemory();
      TransformerModel model = TransformerModel.create(config, kernels(products, threads));
      Random random = new Random(1);
      for (int step = 0; step < STEPS; step++) {
        train(model, batch(random, tokens, length), step);
      }
      return memory.taken(model);
    });
    ModelMemory predicted = ModelMemory.of(config, new MicroBatchSize(tokens, tokens, length, length), products, threads);
    assertThat(predicted.total()).as("%s on %d threads: %s, taken %,d", products, threads, predicted, taken)
        .isBetween(taken, threads == 1 ? taken * 3 / 2 : 2 * taken);
  }

  private static void assumeItRuns(ProductMemory products) {
    if (products == ProductMemory.INT8) {
      Int8Kernels.assumeTheyRun();
    }
  }

  private static Kernels kernels(ProductMemory products, int threads) {
    return switch (products) {
      case PORTABLE -> new Nd4jKernels();
      case FLOAT32 -> new CpuKernels(threads);
      case BFLOAT16 -> Bfloat16Kernels.byOneDnn(threads);
      case EMULATED_BFLOAT16 -> Bfloat16Kernels.emulated(threads);
      case INT8 -> Int8Kernels.of(threads);
    };
  }

  private static void train(TransformerModel model, TokenBatch batch, int step) {
    model.clearGradients();
    model.accumulateGradient(batch, step);
    model.parametersChanged();
  }

  /** Sentences of one length, with their end token, on both sides. */
  private static TokenBatch batch(Random random, int tokens, int length) {
    List<int[]> sources = new ArrayList<>();
    List<int[]> targets = new ArrayList<>();
    for (int i = 0; i < Math.max(1, tokens / length); i++) {
      sources.add(random.ints(length - 1, 5, VOCABULARY).toArray());
      targets.add(random.ints(length - 1, 5, VOCABULARY).toArray());
    }
    return TokenBatch.pack(sources, targets, 0, 0, 1, 2);
  }

  /** Workspaces and the kernels' scratch memory belong to a thread: no other test has used this one. */
  private static <T> T inOwnThread(Callable<T> body) throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      return thread.submit(() -> {
        try {
          return body.call();
        } finally {
          Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
        }
      }).get(10, TimeUnit.MINUTES);
    } finally {
      thread.shutdown();
      // The next test counts from what is taken when this thread has given up its memory.
      assertThat(thread.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
  }
}
