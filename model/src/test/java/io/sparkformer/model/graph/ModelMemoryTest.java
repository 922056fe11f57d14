package io.sparkformer.model.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.block.MicroBatchSize;
import io.sparkformer.model.block.ProductMemory;
import io.sparkformer.model.block.Recompute;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.cpu.Bfloat16Kernels;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.cpu.Int8Kernels;
import io.sparkformer.model.kernel.cuda.CudaKernels;
import io.sparkformer.model.kernel.cuda.CudaSettings;
import io.sparkformer.model.kernel.cuda.StandIn;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.factory.Nd4j;

class ModelMemoryTest {
  /** Tokens of the largest micro-batch, and of each of its sequences: at width 128 the stack takes about 10 to 30 MB. */
  private static final int TOKENS = 512;
  private static final int LENGTH = 64;
  private static final int WIDTH = 128;
  private static final int LAYERS = 2;
  /** DL4J's workspaces have their final size after a few steps. */
  private static final int STEPS = 6;
  private static final long MEGABYTE = 1 << 20;
  /** A leak lets the heap grow every time; what earlier tests left in this process, and the JVM itself, move it once by megabytes. */
  private static final int HEAP_ROUNDS = 3;

  /** What was measured, in bytes, and what was predicted. */
  private record Measured(long stack, long process, ModelMemory predicted) {
    long predictedStack() {
      return predicted.kept() + predicted.scratch();
    }

    @Override
    public String toString() {
      return "stack %,d of %,d, process %,d of %,d: %s".formatted(stack, predictedStack(), process, predicted.total(), predicted);
    }
  }

  @ParameterizedTest
  @EnumSource(NetworkKind.class)
  void theStackTakesAtMostWhatIsPredicted(NetworkKind kind) throws Exception {
    assertStack(kind, ProductMemory.FLOAT32, Recompute.NONE, 1);
    assertStack(kind, ProductMemory.FLOAT32, Recompute.LAYERS, 2);
    assertStack(kind, ProductMemory.BFLOAT16, Recompute.NONE, 2);
    assertStack(kind, ProductMemory.BFLOAT16, Recompute.LAYERS, 1);
    assertStack(kind, ProductMemory.EMULATED_BFLOAT16, Recompute.NONE, 1);
  }

  @ParameterizedTest
  @EnumSource(NetworkKind.class)
  void theStackOfInt8ProductsTakesAtMostWhatIsPredicted(NetworkKind kind) throws Exception {
    Int8Kernels.assumeTheyRun();
    assertStack(kind, ProductMemory.INT8, Recompute.NONE, 1);
    assertStack(kind, ProductMemory.INT8, Recompute.LAYERS, 2);
  }

  private static void assertStack(NetworkKind kind, ProductMemory products, Recompute recompute, int threads) throws Exception {
    NetworkConfig config = kind.network(LAYERS, WIDTH);
    ModelMemory predicted = ModelMemory.of(config, recompute, new MicroBatchSize(TOKENS, TOKENS, LENGTH, LENGTH), products, threads);
    long peak = inOwnThread(() -> {
      TransformerModel model = TransformerModel.create(config, kernels(products, threads), recompute);
      train(kind, model, new Random(1), TOKENS, LENGTH, 0);
      return model.kernels().memory().peak();
    });
    assertThat(predicted.kept() + predicted.scratch()).as("%s, %s, %s, %d threads: %s", kind, products, recompute, threads, predicted)
        .isBetween(peak, peak * 4 / 3);
  }

  @ParameterizedTest
  @CsvSource({"POST_NORM,FLOAT32,1", "POST_NORM,BFLOAT16,1", "GPT2,FLOAT32,2", "MISTRAL,BFLOAT16,1", "T5,EMULATED_BFLOAT16,1",
      "T5,BFLOAT16,2"})
  void theProcessTakesAtMostWhatIsPredicted(NetworkKind kind, ProductMemory products, int threads) throws Exception {
    assertProcess(kind, products, threads);
  }

  @ParameterizedTest
  @EnumSource(names = {"POST_NORM", "T5"})
  void theProcessWithInt8ProductsTakesAtMostWhatIsPredicted(NetworkKind kind) throws Exception {
    Int8Kernels.assumeTheyRun();
    assertProcess(kind, ProductMemory.INT8, 1);
  }

  /** What oneDNN takes of the bytes that are counted for each of its threads depends on the processor. */
  private static final long OF_LIBRARY = 4 << 20;

  private static void assertProcess(NetworkKind kind, ProductMemory products, int threads) throws Exception {
    Measured measured = measure(kind, WIDTH, products, threads, STEPS);
    assertThat(measured.predicted().total()).as("%s, %s, %d threads: %s", kind, products, threads, measured)
        .isBetween(measured.process(), measured.process() * 8 / 5 + threads * OF_LIBRARY);
  }

  /** These kernels free their stack after each step, so its peak comes on top of what is left. */
  @ParameterizedTest
  @EnumSource(names = {"POST_NORM", "GPT2"})
  void portableKernelsTakeAtMostWhatIsPredicted(NetworkKind kind) throws Exception {
    Measured measured = measure(kind, WIDTH / 2, ProductMemory.PORTABLE, 1, 2);
    assertThat(measured.predictedStack()).as("%s: %s", kind, measured).isGreaterThan(measured.stack());
    long taken = measured.process() + measured.stack();
    assertThat(measured.predicted().total()).as("%s: %s", kind, measured).isBetween(taken, 3 * taken);
  }

  /** Of a device: the slab of logits and chunks of the stacks are large beside such small networks. */
  @ParameterizedTest
  @EnumSource(NetworkKind.class)
  void aDeviceTakesAtMostWhatIsPredicted(NetworkKind kind) throws Exception {
    assertDevice(kind, ProductMemory.CUDA_FLOAT32, Recompute.NONE);
    assertDevice(kind, ProductMemory.CUDA_BFLOAT16, Recompute.LAYERS);
  }

  private static void assertDevice(NetworkKind kind, ProductMemory products, Recompute recompute) throws Exception {
    NetworkConfig config = kind.network(LAYERS, WIDTH);
    ModelMemory predicted = ModelMemory.of(config, recompute, new MicroBatchSize(TOKENS, TOKENS, LENGTH, LENGTH), products, 1);
    long peak = inOwnThread(() -> {
      try (CudaKernels kernels = StandIn.kernels(StandIn.Strictness.IDLE, products == ProductMemory.CUDA_BFLOAT16
          ? CudaSettings.ProductType.BFLOAT16 : CudaSettings.ProductType.FLOAT32)) {
        train(kind, TransformerModel.create(config, kernels, recompute), new Random(1), TOKENS, LENGTH, 0);
        return kernels.peakBytes();
      }
    });
    assertThat(predicted.total()).as("%s, %s: %s", kind, products, predicted).isBetween(peak, peak * 8 / 5);
  }

  @ParameterizedTest
  @EnumSource(NetworkKind.class)
  void theFlatArraysAreExact(NetworkKind kind) {
    NetworkConfig config = kind.network(3, 32);
    TransformerModel model = TransformerModel.create(config, new CpuKernels(1));
    ModelMemory memory = ModelMemory.of(config, new MicroBatchSize(10, 10, 5, 5), ProductMemory.FLOAT32, 1);
    assertThat(memory.parameters()).isEqualTo(Float.BYTES * model.parameters().length()).isEqualTo(memory.gradients());
  }

  @Test
  void aShareExceedsItsPartOfTheBatchByOneSentenceAtMost() {
    assertThat(MicroBatchSize.share(4096, 1, 100, 120)).isEqualTo(new MicroBatchSize(4096, 4096, 100, 120));
    assertThat(MicroBatchSize.share(4096, 8, 100, 120)).isEqualTo(new MicroBatchSize(612, 632, 100, 120));
    assertThatThrownBy(() -> MicroBatchSize.share(64, 2, 100, 20)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid micro-batch: 64 source tokens, longest sentence 100; 52 target tokens, longest sentence 20");
  }

  @ParameterizedTest
  @EnumSource(value = ProductMemory.class, names = {"FLOAT32", "BFLOAT16", "INT8"})
  void memoryDoesNotGrowAfterTheFirstSteps(ProductMemory products) throws Exception {
    assumeItRuns(products);
    inOwnThread(() -> {
      NativeMemory memory = new NativeMemory();
      NetworkKind kind = NetworkKind.POST_NORM;
      TransformerModel model = TransformerModel.create(kind.network(1, 32), kernels(products, 1));
      Random random = new Random(1);
      for (int step = 0; step < 20; step++) {
        train(kind, model, random, 256, step % 2 == 0 ? 64 : 8, step);
      }
      varied(kind, model, random, 40);
      long first = memory.taken(model);
      long growth = Long.MAX_VALUE;
      for (int round = 0; round < HEAP_ROUNDS && growth >= 2 * MEGABYTE; round++) {
        long heap = NativeMemory.heap();
        varied(kind, model, random, 100);
        growth = NativeMemory.heap() - heap;
      }
      assertThat(memory.taken(model)).as("native bytes").isLessThan(first + MEGABYTE / 4);
      assertThat(growth).as("bytes by which the heap grew, in each of %d rounds", HEAP_ROUNDS).isLessThan(2 * MEGABYTE);
      return null;
    });
  }

  private static void varied(NetworkKind kind, TransformerModel model, Random random, int steps) {
    for (int step = 0; step < steps; step++) {
      train(kind, model, random, 64 + random.nextInt(193), 2 + random.nextInt(63), step);
    }
  }

  private static Measured measure(NetworkKind kind, int width, ProductMemory products, int threads, int steps) throws Exception {
    NetworkConfig config = kind.network(LAYERS, width);
    ModelMemory predicted = ModelMemory.of(config, new MicroBatchSize(TOKENS, TOKENS, LENGTH, LENGTH), products, threads);
    return inOwnThread(() -> {
      NativeMemory memory = new NativeMemory();
      TransformerModel model = TransformerModel.create(config, kernels(products, threads));
      Random random = new Random(1);
      for (int step = 0; step < steps; step++) {
        train(kind, model, random, TOKENS, LENGTH, step);
      }
      return new Measured(model.kernels().memory().peak(), memory.taken(model), predicted);
    });
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
      case CUDA_FLOAT32, CUDA_BFLOAT16 -> throw new IllegalArgumentException(products.toString());
    };
  }

  private static void train(NetworkKind kind, TransformerModel model, Random random, int tokens, int length, int step) {
    model.clearGradients();
    model.accumulateGradient(kind.batch(random, tokens, length), step);
    model.parametersChanged();
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
