package io.sparkformer.jobs.pretrain.resources;

import io.sparkformer.jobs.config.ComputeSettings;
import io.sparkformer.jobs.config.TrainSettings;
import io.sparkformer.jobs.parameterserver.ParameterSlices;
import io.sparkformer.jobs.transport.WirePrecision;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.block.MicroBatchSize;
import io.sparkformer.model.graph.ModelMemory;
import io.sparkformer.model.block.ProductMemory;
import io.sparkformer.model.kernel.KernelChoice;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * An upper bound of the memory outside the Java heap, in bytes, that training takes; known before it begins. It is the first worker's:
 * the others do not hold a copy of the parameters.
 *
 * @param parametersAndGradients 8 for each parameter
 * @param optimizer Adam's two moments, of the worker's slice or with local steps of all parameters, and the copies from which
 *     checkpoints are written while training goes on
 * @param exchange what comes from workers of other processes: the slice's gradient of each, or with local steps the slice's parameters
 *     and moments, and buffers of the network; with bfloat16 on the wire also the slice's rounded changes
 * @param activations all that {@link ModelMemory} computes for a micro-batch, and what validation adds
 * @param workersOfProcess workers that share a process, and its memory
 */
public record MemoryPlan(long parametersAndGradients, long optimizer, long exchange, long activations, int workersOfProcess) {
  /** Java's own: classes, compiled code, thread stacks, tables of the garbage collector; native libraries; Spark's network. */
  static final long PROCESS_BYTES = 256L << 20;
  /** Buffer pools of the network's threads. */
  private static final long NETWORK_BYTES = 32L << 20;
  /** Frames from one other worker that are read and not yet copied, or its tile of bfloat16. */
  private static final long NETWORK_BYTES_OF_PEER = 1L << 20;
  /** Elements for each source token, d_model and decoder layer that a greedy translation caches: keys and values of both sides. */
  private static final int CACHED_ELEMENTS = 8;

  /**
   * @param longestSource tokens of the longest sentence, with its end token
   * @param longestTarget tokens of the longest sentence, with its end token
   * @param threads of each worker
   */
  public static MemoryPlan of(NetworkConfig model, TrainSettings settings, int longestSource, int longestTarget, int workers,
      int workersOfProcess, int threads) {
    MicroBatchSize batch = MicroBatchSize.share(settings.batchTokens(), workers * settings.accumulate(), longestSource, longestTarget);
    ModelMemory memory = products(settings.compute()).stream()
        .map(products -> ModelMemory.of(model, settings.recompute(), batch, products, threads))
        .max(Comparator.comparingLong(ModelMemory::total)).orElseThrow();
    long parameters = memory.parameters() / Float.BYTES;
    long sliceBytes = Float.BYTES * (parameters / workers + ParameterSlices.ALIGNMENT);
    int remote = workers - workersOfProcess;
    boolean local = settings.localSteps() > 1;
    long moments = local ? 2 * memory.parameters() : 2 * sliceBytes;
    long received = local ? 3 * sliceBytes : sliceBytes;
    return new MemoryPlan(memory.parameters() + memory.gradients(), moments + 2 * sliceBytes + memory.parameters(),
        (remote == 0 ? 0 : remote * (received + NETWORK_BYTES_OF_PEER) + NETWORK_BYTES) + changes(settings, workers, sliceBytes),
        memory.working() + validation(model, settings, batch, memory), workersOfProcess);
  }

  private static long changes(TrainSettings settings, int workers, long sliceBytes) {
    WirePrecision precision = settings.parameterServer().wirePrecision();
    return workers == 1 || precision == WirePrecision.FLOAT32 ? 0 : sliceBytes / Float.BYTES * precision.bytes();
  }

  /** The products that the kernels of a machine may choose: the driver does not know the processors of executors. */
  private static List<ProductMemory> products(ComputeSettings compute) {
    if (compute.kernels() == KernelChoice.PORTABLE) {
      return List.of(ProductMemory.PORTABLE);
    }
    return switch (compute.precision()) {
      case FLOAT32 -> List.of(ProductMemory.FLOAT32);
      case BFLOAT16 -> List.of(ProductMemory.BFLOAT16, ProductMemory.EMULATED_BFLOAT16);
      case INT8 -> List.of(ProductMemory.INT8);
      case AUTO -> List.of(ProductMemory.FLOAT32, ProductMemory.BFLOAT16, ProductMemory.EMULATED_BFLOAT16);
    };
  }

  /** Validation runs batches as large as the micro-batches: activations in a workspace of its own, and the caches of translations. */
  private static long validation(NetworkConfig model, TrainSettings settings, MicroBatchSize batch, ModelMemory memory) {
    if (settings.validation().intervalSteps() == 0) {
      return 0;
    }
    long caches = settings.validation().bleuSentences() == 0 ? 0
        : Float.BYTES * (long) CACHED_ELEMENTS * batch.sourceTokens() * model.width() * model.decoder().layers().size();
    return memory.activations() + caches;
  }

  long ofWorker() {
    return parametersAndGradients + optimizer + exchange + activations;
  }

  long ofProcess() {
    return workersOfProcess * ofWorker() + PROCESS_BYTES;
  }

  /** One line for the user. */
  public String description() {
    return String.format(Locale.ROOT, "memory outside the heap, at most: %,d MB per worker | %,d MB per process of %d worker(s)",
        megabytes(ofWorker()), megabytes(ofProcess()), workersOfProcess);
  }

  /** What a worker's memory consists of, for the log. */
  public String details() {
    return String.format(Locale.ROOT, "memory of a worker: parameters and gradients %,d MB, optimizer and checkpoint %,d MB, exchange "
        + "%,d MB, activations %,d MB", megabytes(parametersAndGradients), megabytes(optimizer), megabytes(exchange),
        megabytes(activations));
  }

  /** Rounded up. */
  static long megabytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }
}
