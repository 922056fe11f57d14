package io.sparkformer.model.graph;

import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Losses;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.block.HeadNode;
import io.sparkformer.model.block.Parameter;
import io.sparkformer.model.block.Recompute;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.PoolingKernel;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A network with its weights: one flat array of parameters, one flat array of gradients, and what can be done with them.
 * Used by one thread at a time.
 */
public final class TransformerModel {
  private final NetworkConfig config;
  private final ComputationGraph graph;
  private final Kernels kernels;
  private final GraphContext context;
  private final ParameterRanges ranges;
  private final Inference inference;
  private final Decoding decoding;
  /** The flat gradient that the kernels know; null before training. */
  private INDArray boundGradient;

  private TransformerModel(NetworkConfig config, ComputationGraph graph, Kernels kernels, Set<String> frozen) {
    this.config = config;
    this.graph = graph;
    this.kernels = kernels;
    this.context = new GraphContext(kernels);
    for (GraphVertex vertex : graph.getVertices()) {
      if (vertex instanceof ParameterVertex bound) {
        bound.join(context);
        bound.parameters().freeze(frozen);
      }
    }
    this.ranges = new ParameterRanges(graph);
    context.follow(ranges);
    this.inference = new Inference(config, graph, context);
    this.decoding = new Decoding(config, graph, inference);
  }

  /** A network with first weights, which are a function of the configuration and its seed alone. */
  public static TransformerModel create(NetworkConfig config, Kernels kernels) {
    return create(config, kernels, Recompute.NONE);
  }

  /**
   * A network of which some parameters are not trained: they have no gradient.
   *
   * @param frozen names of these
   * @throws IllegalArgumentException when nothing is left to train, or the kernels train all parameters or none
   */
  public static TransformerModel create(NetworkConfig config, Kernels kernels, Recompute recompute, Set<String> frozen) {
    if (frozen.isEmpty()) {
      return create(config, kernels, recompute);
    }
    if (!kernels.canFreeze()) {
      throw new IllegalArgumentException("These kernels train all parameters: " + kernels.description());
    }
    ComputationGraph graph = new TrainedGraph(NetworkGraph.configuration(config, recompute, DataType.FLOAT));
    graph.init();
    TransformerModel model = new TransformerModel(config, graph, kernels, frozen);
    if (model.trainedParameters().isEmpty()) {
      throw new IllegalArgumentException("No parameter is left to train");
    }
    return model;
  }

  /** A network that computes some of what its backward pass needs again. */
  public static TransformerModel create(NetworkConfig config, Kernels kernels, Recompute recompute) {
    return create(config, kernels, recompute, DataType.FLOAT);
  }

  static TransformerModel create(NetworkConfig config, Kernels kernels, Recompute recompute, DataType type) {
    ComputationGraph graph = new ComputationGraph(NetworkGraph.configuration(config, recompute, type));
    graph.init();
    return new TransformerModel(config, graph, kernels, Set.of());
  }

  /** A network around a graph that exists, for example one that DL4J's {@code ModelSerializer} restored. */
  public static TransformerModel of(NetworkConfig config, ComputationGraph graph, Kernels kernels) {
    return new TransformerModel(config, graph, kernels, Set.of());
  }

  /** Another network over the same parameters and what kernels derive from them, for another thread; neither may change them. */
  public TransformerModel sharing() {
    return sharing(kernels.sharing());
  }

  /** Another network over the same parameters, for another thread; neither may change them. */
  public TransformerModel sharing(Kernels ownKernels) {
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      ComputationGraph other = new ComputationGraph(NetworkGraph.configuration(config, Recompute.NONE, DataType.FLOAT));
      other.init(parameters(), false);
      return new TransformerModel(config, other, ownKernels, Set.of());
    }
  }

  public NetworkConfig config() {
    return config;
  }

  public ComputationGraph graph() {
    return graph;
  }

  public Kernels kernels() {
    return kernels;
  }

  /** The flat parameters {@code [n]} as they are now: not a copy. After writing to them call {@link #parametersChanged()}. */
  public INDArray parameters() {
    kernels.deliver(flatParameters());
    return graph.params();
  }

  /** The flat gradient as it is now, laid out as {@link #trainedParameters()}: not a copy, and to be written by passes only. */
  public INDArray gradients() {
    INDArray flat = flatGradient();
    kernels.deliver(flat);
    return flat;
  }

  private INDArray flatParameters() {
    return graph.params().reshape(graph.params().length());
  }

  /** Kernels that compute elsewhere may have a newer one. */
  private INDArray flatGradient() {
    if (graph.getGradientsViewArray() == null) {
      graph.initGradientsView();
    }
    INDArray view = graph.getGradientsViewArray();
    INDArray flat = view.reshape(view.length());
    if (view != boundGradient) {
      boundGradient = view;
      kernels.bind(flatParameters(), flat);
    }
    return flat;
  }

  /** Drops what the kernels derived from the parameters' old values. */
  public void parametersChanged() {
    kernels.parametersChanged();
  }

  /** Every parameter, in the order of the flat array. */
  public List<NamedParameter> namedParameters() {
    return named(VertexParameters::owned);
  }

  /** Every parameter that has a gradient, where it lies in the flat gradient: those of {@link #namedParameters()} if none is frozen. */
  public List<NamedParameter> trainedParameters() {
    return named(VertexParameters::trained);
  }

  /** The trained parameters one after another, as their gradients lie in the flat gradient; they share the memory of the flat array. */
  public FloatRegion trainedRegion() {
    return trainedRegion(FloatRegion.of(parameters()));
  }

  /** The trained ones of some parameters that lie as those of the network do. */
  public FloatRegion trainedRegion(FloatRegion flat) {
    Set<String> trained = trainedParameters().stream().map(NamedParameter::name).collect(Collectors.toSet());
    List<NamedParameter> all = namedParameters();
    if (trained.size() == all.size()) {
      return flat;
    }
    return FloatRegion.join(all.stream().filter(parameter -> trained.contains(parameter.name()))
        .map(parameter -> flat.slice(parameter.offset(), parameter.offset() + parameter.length())).toArray(FloatRegion[]::new));
  }

  private List<NamedParameter> named(Function<VertexParameters, List<Parameter>> ofVertex) {
    List<NamedParameter> named = new ArrayList<>();
    long offset = 0;
    for (int index : graph.topologicalSortOrder()) {
      if (graph.getVertices()[index] instanceof ParameterVertex vertex) {
        for (Parameter parameter : ofVertex.apply(vertex.parameters())) {
          named.add(new NamedParameter(parameter.name(), offset, parameter.shape()));
          offset += parameter.length();
        }
      }
    }
    return named;
  }

  /**
   * Runs a micro-batch forward and backward and adds the gradients of the heads' summed losses to {@link #gradients()}.
   *
   * @param step number of the update that this micro-batch belongs to, from 0: it selects the dropout masks
   */
  public Losses accumulateGradient(Batch batch, long step) {
    return accumulateGradient(batch, step, PassListener.NONE);
  }

  /**
   * As {@link #accumulateGradient(Batch, long)}, and tells which parameters are needed and which gradients are finished meanwhile.
   *
   * @param listener follows this micro-batch
   */
  public Losses accumulateGradient(Batch batch, long step, PassListener listener) {
    flatGradient();
    graph.getConfiguration().setIterationCount(Math.toIntExact(step));
    graph.setInputs(inputs(batch));
    List<HeadConfig> heads = config.heads();
    graph.setLabels(heads.stream().map(head -> labels(batch, head).values()).toArray(INDArray[]::new));
    context.begin(Segments.of(batch.last().offsets()), heads.stream().mapToDouble(head -> labels(batch, head).weight()).toArray());
    long mark = kernels.memory().mark();
    try {
      ranges.begin(delivering(listener));
      graph.computeGradientAndScore();
      ranges.end();
      kernels.awaitDeliveries();
    } finally {
      ranges.forget();
      context.end();
      kernels.memory().release(mark);
    }
    Map<String, Supplier<Loss>> losses = new LinkedHashMap<>();
    heads.forEach(head -> losses.put(head.name(), vertex(head).lossLayer().loss()));
    return Losses.pending(losses);
  }

  /** Tells the listener of a range of the gradient when it is on the host, if it reads it there. */
  private PassListener delivering(PassListener listener) {
    if (!listener.readsGradients()) {
      return listener;
    }
    return new PassListener() {
      @Override
      public void needs(FlatRange parameters) {
        listener.needs(parameters);
      }

      @Override
      public void finished(FlatRange gradient) {
        kernels.deliver(flatGradient().get(NDArrayIndex.interval(gradient.from(), gradient.to())), () -> listener.finished(gradient));
      }
    };
  }

  private INDArray[] inputs(Batch batch) {
    Map<String, INDArray> values = Inference.values(config, batch.encoder(), batch.decoder());
    return NetworkGraph.inputs(config).stream().map(values::get).toArray(INDArray[]::new);
  }

  private static Batch.Labels labels(Batch batch, HeadConfig head) {
    Batch.Labels labels = batch.labels().get(head.name());
    if (labels == null) {
      throw new IllegalArgumentException("The batch has no labels for head %s, only for %s"
          .formatted(head.name(), batch.labels().keySet()));
    }
    return labels;
  }

  /** The losses of a micro-batch, without dropout and without a gradient, of the heads that it has labels for. */
  public Losses loss(Batch batch) {
    return inference.run(batch, values -> {
      Map<String, Loss> losses = new LinkedHashMap<>();
      batch.labels().forEach((name, labels) -> losses.put(name, head(name).loss(values.get(beforeHead(name)),
          context.segments(batch.last().offsets()), labels.values())));
      return Losses.known(losses);
    });
  }

  /** The scores of a head: {@code [rows, classes]}, detached. */
  public INDArray logits(Batch batch, String headName) {
    return inference.run(batch, values -> head(headName).logits(values.get(beforeHead(headName)), Inference.DETACHED));
  }

  /** The output of the last stack: {@code [tokens, width]}, detached. */
  public INDArray output(Batch batch) {
    return inference.run(batch, values -> inference.detached(values.get(lastOutput())));
  }

  /**
   * One row for every sequence, pooled from what the last layer says of its tokens: of the encoder, or of the decoder of a network without
   * one. Heads do not run.
   *
   * @return {@code [sequences, width]}, detached
   */
  public INDArray pooled(Sequences sequences, PoolingKernel.Kind kind) {
    boolean encoder = config.encoder() != null;
    String last = encoder ? NetworkGraph.last(NetworkGraph.ENCODER, config.encoder())
        : NetworkGraph.last(NetworkGraph.DECODER, config.decoder());
    return inference.runStack(last, Inference.values(config, encoder ? sequences : null, encoder ? null : sequences),
        sequences.tokens(), output -> kernels.pooling(kind).forward(output, context.segments(sequences.offsets()), Pass.INFERENCE,
            Inference.DETACHED).output());
  }

  /** The output of every vertex before the heads, by its name: {@code encoder.embedding}, {@code encoder.layers.0}, ...; detached. */
  public Map<String, INDArray> activations(Batch batch) {
    return inference.run(batch, values -> {
      Map<String, INDArray> copies = new HashMap<>();
      values.forEach((name, value) -> copies.put(name, inference.detached(value)));
      return copies;
    });
  }

  /** The network as it says sequences token by token. */
  public Decoding decoding() {
    return decoding;
  }

  private HeadNode head(String name) {
    return ((HeadVertex.Running) graph.getVertex(name)).node();
  }

  private HeadVertex.Running vertex(HeadConfig head) {
    return (HeadVertex.Running) graph.getVertex(head.name());
  }

  /** Name of the vertex whose output a head reads. */
  private String beforeHead(String headName) {
    return graph.getConfiguration().getVertexInputs().get(headName).get(0);
  }

  /** Name of the vertex whose output is the last stack's. */
  private String lastOutput() {
    return config.decoder() != null ? NetworkGraph.last(NetworkGraph.DECODER, config.decoder())
        : NetworkGraph.last(NetworkGraph.ENCODER, config.encoder());
  }

  /** Sets the flat gradient to zero. */
  public void clearGradients() {
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      kernels.clear(flatGradient());
    }
  }

  /** @throws IllegalArgumentException when the sequences are of a stack that the network does not have */
  static void check(NetworkConfig config, Sequences encoder, Sequences decoder) {
    if ((encoder != null) != (config.encoder() != null) || (decoder != null) != (config.decoder() != null)) {
      throw new IllegalArgumentException("The network has %s encoder and %s decoder, the batch tokens for %s and %s".formatted(
          config.encoder() == null ? "no" : "an", config.decoder() == null ? "no" : "a", encoder == null ? "none" : "an encoder",
          decoder == null ? "none" : "a decoder"));
    }
  }
}
