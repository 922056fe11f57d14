package io.sparkformer.jobs.model;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.tokenizer.InputEncoder;
import io.sparkformer.data.tokenizer.Tokenizer;
import io.sparkformer.jobs.config.ComputeSettings;
import io.sparkformer.jobs.device.GpuResources;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.Session;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.hub.HubFolder;
import io.sparkformer.model.hub.ModelTensors;
import io.sparkformer.model.kernel.Derived;
import io.sparkformer.model.kernel.KernelSelection;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Processors;
import io.sparkformer.model.memory.FloatRegion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.TaskContext;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model in this process's memory. A network is used by one thread at a time, so every thread borrows one of its own and gives it
 * back; all of them compute with the same array of parameters, which must not be written to, and with what the kernels derive from them:
 * weights that are rounded and packed for bfloat16 or int8.
 */
public final class SharedModel {

  private static final Logger LOG = LoggerFactory.getLogger(SharedModel.class);
  private static final double NANOS = 1e9;
  private static final double MEGABYTE = 1e6;
  private static final int AVERAGED_AT_A_TIME = 1 << 14;
  /** A process that serves several models in turn keeps so many; what is used no more is freed with the next garbage collection. */
  private static final int MOST_MODELS = 4;
  private static final RecentlyUsed<ModelLocation, SharedModel> MODELS = new RecentlyUsed<>(MOST_MODELS, SharedModel::read);
  private static final Cleaner CLEANER = Cleaner.create();

  private final ModelLocation location;
  private final TransformerModel original;
  /** What each network computes on. */
  private final Map<TransformerModel, Processors> networks = new ConcurrentHashMap<>();
  private final Map<Processors, Queue<TransformerModel>> idle = new ConcurrentHashMap<>();
  /** Whose derived weights all networks on the same processors share. */
  private final Map<Processors, Kernels> kernels = new ConcurrentHashMap<>();
  /** Bytes of derived weights that the log has told of. */
  private final Map<Processors, Long> told = new ConcurrentHashMap<>();
  private Tokenizer tokenizer;
  private InputEncoder encoder;

  /** @param processors that the original computes on */
  private SharedModel(ModelLocation location, TransformerModel original, Processors processors) {
    this.location = location;
    this.original = original;
    networks.put(original, processors);
    kernels.put(processors, original.kernels());
    giveBack(original);
  }

  /** The model of a location; the first call of a process reads it, while others wait. The few models used last stay in memory. */
  public static SharedModel of(ModelLocation location) {
    return MODELS.get(location);
  }

  private static SharedModel read(ModelLocation location) {
    long start = System.nanoTime();
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      Processors processors = processors(location.compute());
      TransformerModel model = TransformerModel.create(location.config().network().withoutDropout(),
          kernels(location.compute(), processors));
      read(location, 0, model, FloatRegion.of(model.parameters()));
      if (location.folders().size() > 1) {
        average(location, model);
      }
      model.parametersChanged();
      LOG.debug(String.format(Locale.ROOT, "read the model in %.2f s: %.1f MB of parameters, for all tasks of this process",
          (System.nanoTime() - start) / NANOS, Float.BYTES * model.parameters().length() / MEGABYTE));
      return new SharedModel(location, model, processors);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the model " + location + ": " + e.getMessage(), e);
    }
  }

  /** @param into the model's parameters, or memory that is laid out as they are */
  private static void read(ModelLocation location, int folder, TransformerModel model, FloatRegion into) throws IOException {
    HubFolder.open(location.hadoop(), location.folders().get(folder))
        .read(ModelTensors.of(location.config(), model.namedParameters(), into));
  }

  /** Makes the model's parameters, those of the first checkpoint, the mean of all. */
  private static void average(ModelLocation location, TransformerModel model) throws IOException {
    FloatRegion mean = FloatRegion.of(model.parameters());
    FloatRegion other = FloatRegion.allocate(mean.length());
    float[] means = new float[AVERAGED_AT_A_TIME];
    float[] values = new float[AVERAGED_AT_A_TIME];
    for (int i = 1; i < location.folders().size(); i++) {
      read(location, i, model, other);
      for (long from = 0; from < mean.length(); from += AVERAGED_AT_A_TIME) {
        int count = (int) Math.min(AVERAGED_AT_A_TIME, mean.length() - from);
        mean.read(from, means, count);
        other.read(from, values, count);
        for (int j = 0; j < count; j++) {
          means[j] += (values[j] - means[j]) / (i + 1);
        }
        mean.write(from, means, count);
      }
    }
  }

  private static Kernels kernels(ComputeSettings compute, Processors processors) {
    try {
      return KernelSelection.select(compute.kernels(), compute.precision(), processors);
    } catch (IllegalStateException e) {
      // The kernels or the precision of the settings cannot run on this machine.
      throw new InvalidInputException(e.getMessage(), e);
    }
  }

  /** The device of the calling task, or as many threads as it has cores; outside of tasks, where nobody else computes, all. */
  private static Processors processors(ComputeSettings compute) {
    TaskContext task = TaskContext.get();
    return GpuResources.ofTask(compute.kernels(), task == null ? Runtime.getRuntime().availableProcessors() : task.cpus());
  }

  private Queue<TransformerModel> idle(Processors processors) {
    return idle.computeIfAbsent(processors, any -> new ConcurrentLinkedQueue<>());
  }

  /** The tokenizer that the model was trained with; for all threads. */
  public synchronized Tokenizer tokenizer() {
    if (tokenizer == null) {
      tokenizer = Tokenizer.load(location.hadoop(), location.tokenizer());
      // Its memory is outside the heap, and only tasks that hold this model use it.
      CLEANER.register(this, tokenizer::close);
    }
    return tokenizer;
  }

  /** What makes the model's input of text, with the special tokens that it was trained with; for all threads. */
  public synchronized InputEncoder encoder() {
    if (encoder == null) {
      encoder = InputEncoder.load(location.hadoop(), location.tokenizer());
      CLEANER.register(this, encoder::close);
    }
    return encoder;
  }

  /** Decoding with a network for the calling thread, which is given back when the session is closed. */
  public Session session(ControlTokens control) {
    TransformerModel network = borrow();
    return new Session(network, control, () -> giveBack(network));
  }

  /** A network for the calling thread, until it gives it back. */
  public TransformerModel borrow() {
    Processors processors = processors(location.compute());
    TransformerModel model = idle(processors).poll();
    return model != null ? model : anotherOfTheSameParameters(processors);
  }

  /** Takes back what {@link #borrow} gave. */
  public void giveBack(TransformerModel model) {
    Processors processors = networks.get(model);
    Derived derived = model.kernels().derived();
    if (derived.bytes() != told.getOrDefault(processors, 0L)) {
      told.put(processors, derived.bytes());
      LOG.debug(String.format(Locale.ROOT, "rounded and packed weights: %.1f MB, made in %.2f s for all tasks of this process",
          derived.bytes() / MEGABYTE, derived.nanos() / NANOS));
    }
    idle(processors).add(model);
  }

  private TransformerModel anotherOfTheSameParameters(Processors processors) {
    Kernels shared = kernels.computeIfAbsent(processors, any -> kernels(location.compute(), processors));
    TransformerModel another = original.sharing(shared.sharing());
    networks.put(another, processors);
    return another;
  }
}
