package io.sparkformer.jobs.model;

import io.sparkformer.data.tokenizer.Tokenizer;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.NamedTensor;
import io.sparkformer.model.config.TransformerConfig;
import io.sparkformer.model.graph.NamedParameter;
import io.sparkformer.model.graph.TransformerGraph;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.KernelSelection;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.memory.FloatRegion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import org.apache.spark.TaskContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A model in this process's memory. A network is used by one thread at a time, so every thread borrows one of its own and gives it
 * back; all of them compute with the same array of parameters, which nobody may write to.
 */
public final class SharedModel {

  private static final ConcurrentMap<ModelLocation, SharedModel> MODELS = new ConcurrentHashMap<>();

  private final Tokenizer tokenizer;
  private final TransformerModel original;
  private final Queue<TransformerModel> idle = new ConcurrentLinkedQueue<>();

  private SharedModel(Tokenizer tokenizer, TransformerModel original) {
    this.tokenizer = tokenizer;
    this.original = original;
    idle.add(original);
  }

  /** The model of a location; the first call of a process reads it, while others wait. */
  public static SharedModel of(ModelLocation location) {
    return MODELS.computeIfAbsent(location, SharedModel::read);
  }

  private static SharedModel read(ModelLocation location) {
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      Checkpoint checkpoint = Checkpoint.open(location.hadoop(), location.folder());
      TransformerModel model = TransformerModel.create(location.config(), kernels());
      FloatRegion flat = FloatRegion.of(model.parameters());
      List<NamedTensor> tensors = model.namedParameters().stream().map(parameter -> tensor(parameter, flat)).toList();
      checkpoint.readModel(tensors);
      model.parametersChanged();
      return new SharedModel(Tokenizer.load(location.hadoop(), checkpoint.tokenizer()), model);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the model " + location + ": " + e.getMessage(), e);
    }
  }

  /** With as many threads as a task has cores. */
  private static Kernels kernels() {
    TaskContext task = TaskContext.get();
    return KernelSelection.select(KernelChoice.AUTO, Precision.AUTO, task == null ? 1 : task.cpus());
  }

  private static NamedTensor tensor(NamedParameter parameter, FloatRegion flat) {
    FloatRegion values = flat.slice(parameter.offset(), parameter.offset() + parameter.length());
    return NamedTensor.of(parameter.name(), values, parameter.shape());
  }

  /** The tokenizer that the model was trained with; for all threads. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** A network for the calling thread, until it gives it back. */
  public TransformerModel borrow() {
    TransformerModel model = idle.poll();
    return model != null ? model : anotherOfTheSameParameters();
  }

  /** Takes back what {@link #borrow} gave. */
  public void giveBack(TransformerModel model) {
    idle.add(model);
  }

  private TransformerModel anotherOfTheSameParameters() {
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      TransformerConfig config = original.config();
      ComputationGraph graph = new ComputationGraph(TransformerGraph.configuration(config, DataType.FLOAT));
      graph.init(original.parameters(), false);
      return TransformerModel.of(config, graph, kernels());
    }
  }
}
