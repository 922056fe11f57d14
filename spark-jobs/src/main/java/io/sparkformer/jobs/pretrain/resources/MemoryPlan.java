package io.sparkformer.jobs.pretrain.resources;

import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.jobs.config.ComputeSettings;
import io.sparkformer.jobs.config.TrainSettings;
import io.sparkformer.jobs.parameterserver.ParameterSlices;
import io.sparkformer.jobs.transport.WirePrecision;
import io.sparkformer.model.block.MicroBatchSize;
import io.sparkformer.model.block.ProductMemory;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.graph.ModelMemory;
import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.Precision;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * An upper bound of the memory outside the Java heap, in bytes, that training takes; known before it begins. It is the first worker's:
 * the others do not hold a copy of the parameters. Where a worker has a device, activations are in its memory, and copies of parameters
 * and gradients.
 *
 * @param parametersAndGradients 8 for each parameter
 * @param optimizer Adam's two moments, of the worker's slice or with local steps of all parameters, the average of the parameters where
 *     there is one, and the copies from which checkpoints are written while training goes on
 * @param exchange what comes from workers of other processes: the slice's gradient of each, or with local steps the slice's parameters
 *     and moments, and buffers of the network; with bfloat16 on the wire also the slice's rounded changes
 * @param activations all that {@link ModelMemory} computes for a micro-batch, and what validation adds
 * @param device of the worker's device; 0 where it has none
 * @param workersOfProcess workers that share a process, and its memory
 */
public record MemoryPlan(long parametersAndGradients, long optimizer, long exchange, long activations, long device,
    int workersOfProcess) {
  /** Java's own: classes, compiled code, thread stacks, tables of the garbage collector; native libraries; Spark's network. */
  static final long PROCESS_BYTES = 256L << 20;
  /** Buffer pools of the network's threads. */
  private static final long NETWORK_BYTES = 32L << 20;
  /** Frames from one other worker that are read and not yet copied, or its tile of bfloat16. */
  private static final long NETWORK_BYTES_OF_PEER = 1L << 20;
  /** Elements for each source token, d_model and decoder layer that a greedy translation caches: keys and values of both sides. */
  private static final int CACHED_ELEMENTS = 8;

  /**
   * @param data what is trained on
   * @param trained parameters that are trained, at most
   * @param threads of each worker
   * @param products those that the kernels may choose
   */
  public static MemoryPlan of(NetworkConfig model, TrainSettings settings, ShardManifest data, long trained, int workers,
      int workersOfProcess, int threads, List<ProductMemory> products) {
    int longestSource = 1;
    int longestTarget = 1;
    for (DataPart part : DataPart.values()) {
      longestSource = Math.max(longestSource, data.part(part).longest(data.kind(), 0));
      longestTarget = Math.max(longestTarget, data.part(part).longest(data.kind(), data.kind().targetColumn()));
    }
    return of(model, settings, longestSource, longestTarget, trained, workers, workersOfProcess, threads, products);
  }

  static MemoryPlan of(NetworkConfig model, TrainSettings settings, int longestSource, int longestTarget, int workers,
      int workersOfProcess, int threads, List<ProductMemory> products) {
    return of(model, settings, longestSource, longestTarget, Long.MAX_VALUE, workers, workersOfProcess, threads, products);
  }

  /**
   * @param longestSource tokens of the longest sentence, with its end token
   * @param longestTarget tokens of the longest sentence, with its end token
   * @param trained parameters that are trained, at most
   */
  private static MemoryPlan of(NetworkConfig model, TrainSettings settings, int longestSource, int longestTarget, long trained,
      int workers, int workersOfProcess, int threads, List<ProductMemory> products) {
    MicroBatchSize batch = MicroBatchSize.share(settings.batchTokens(), workers * settings.accumulate(), longestSource, longestTarget);
    ModelMemory memory = products.stream()
        .map(each -> ModelMemory.of(model, settings.recompute(), batch, each, threads))
        .max(Comparator.comparingLong(ModelMemory::total)).orElseThrow();
    long parameters = Math.min(trained, memory.parameters() / Float.BYTES);
    long sliceBytes = Float.BYTES * (parameters / workers + ParameterSlices.ALIGNMENT);
    int remote = workers - workersOfProcess;
    boolean onDevice = products.get(0).isOnDevice();
    boolean local = settings.localSteps() > 1;
    long moments = local ? 2 * Float.BYTES * parameters : 2 * sliceBytes;
    boolean rounded = workers > 1 && !local && settings.parameterServer().wirePrecision() == WirePrecision.BFLOAT16;
    long momentsOnDevice = rounded ? 0 : moments;
    long received = local ? 3 * sliceBytes : sliceBytes;
    long average = settings.emaDecay() == 0 ? 0 : Float.BYTES * parameters + sliceBytes;
    return new MemoryPlan(memory.parameters() + Float.BYTES * parameters, moments + 2 * sliceBytes + memory.parameters() + average,
        (remote == 0 ? 0 : remote * (received + NETWORK_BYTES_OF_PEER) + NETWORK_BYTES) + changes(settings, workers, sliceBytes),
        onDevice ? 0 : memory.working() + validation(model, settings, batch, memory),
        onDevice ? memory.total() + momentsOnDevice : 0, workersOfProcess);
  }

  private static long changes(TrainSettings settings, int workers, long sliceBytes) {
    WirePrecision precision = settings.parameterServer().wirePrecision();
    return workers == 1 || precision == WirePrecision.FLOAT32 ? 0 : sliceBytes / Float.BYTES * precision.bytes();
  }

  /** The products that the kernels of a device may choose. */
  public static List<ProductMemory> productsOfDevice(Precision precision) {
    return switch (precision) {
      case FLOAT32, TF32 -> List.of(ProductMemory.CUDA_FLOAT32);
      case BFLOAT16 -> List.of(ProductMemory.CUDA_BFLOAT16);
      case AUTO, INT8 -> List.of(ProductMemory.CUDA_FLOAT32, ProductMemory.CUDA_BFLOAT16);
    };
  }

  /** The products that the kernels of a machine may choose: the driver does not know the processors of executors. */
  public static List<ProductMemory> productsOfHost(ComputeSettings compute) {
    if (compute.kernels() == KernelChoice.PORTABLE) {
      return List.of(ProductMemory.PORTABLE);
    }
    return switch (compute.precision()) {
      case FLOAT32, TF32 -> List.of(ProductMemory.FLOAT32);
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
    return String.format(Locale.ROOT, "memory outside the heap, at most: %,d MB per worker | %,d MB per process of %d worker(s)%s",
        megabytes(ofWorker()), megabytes(ofProcess()), workersOfProcess,
        device == 0 ? "" : String.format(Locale.ROOT, " | %,d MB of each worker's device", megabytes(device)));
  }

  /** What a worker's memory consists of, for the log. */
  public String details() {
    return String.format(Locale.ROOT, "memory of a worker: parameters and gradients %,d MB, optimizer and checkpoint %,d MB, exchange "
        + "%,d MB, activations %,d MB", megabytes(parametersAndGradients), megabytes(optimizer), megabytes(exchange),
        megabytes(activations)) + (device == 0 ? "" : "; for its device, parameters and gradients are page-locked");
  }

  /** Rounded up. */
  static long megabytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }
}
