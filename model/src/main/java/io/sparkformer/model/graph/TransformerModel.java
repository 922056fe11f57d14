package io.sparkformer.model.graph;

import io.sparkformer.model.config.TransformerConfig;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.Loss;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network with its weights: one flat array of parameters, one flat array of gradients, and what can be done with them.
 * Used by one thread at a time.
 */
public final class TransformerModel {
  private final TransformerConfig config;
  private final ComputationGraph graph;
  private final Kernels kernels;
  private final ParameterRanges ranges;

  private TransformerModel(TransformerConfig config, ComputationGraph graph, Kernels kernels) {
    this.config = config;
    this.graph = graph;
    this.kernels = kernels;
    for (GraphVertex vertex : graph.getVertices()) {
      if (vertex instanceof KernelBound bound) {
        bound.bind(kernels);
      }
    }
    this.ranges = new ParameterRanges(graph);
  }

  /** A network with first weights, which are a function of the configuration and its seed alone. */
  public static TransformerModel create(TransformerConfig config, Kernels kernels) {
    return create(config, kernels, DataType.FLOAT);
  }

  static TransformerModel create(TransformerConfig config, Kernels kernels, DataType type) {
    ComputationGraph graph = new ComputationGraph(TransformerGraph.configuration(config, type));
    graph.init();
    return new TransformerModel(config, graph, kernels);
  }

  /** A network around a graph that exists, for example one that DL4J's {@code ModelSerializer} restored. */
  public static TransformerModel of(TransformerConfig config, ComputationGraph graph, Kernels kernels) {
    return new TransformerModel(config, graph, kernels);
  }

  public TransformerConfig config() {
    return config;
  }

  public ComputationGraph graph() {
    return graph;
  }

  public Kernels kernels() {
    return kernels;
  }

  /** The flat parameters {@code [n]}: not a copy. After writing to them call {@link #parametersChanged()}. */
  public INDArray parameters() {
    return graph.params();
  }

  /** The flat gradient {@code [n]}, laid out as {@link #parameters()}: not a copy. */
  public INDArray gradients() {
    if (graph.getGradientsViewArray() == null) {
      graph.initGradientsView();
    }
    INDArray flat = graph.getGradientsViewArray();
    return flat.reshape(flat.length());
  }

  /** Drops what the kernels derived from the parameters' old values. */
  public void parametersChanged() {
    kernels.parametersChanged();
  }

  /** Every parameter, in the order of the flat array. */
  public List<NamedParameter> namedParameters() {
    List<NamedParameter> named = new ArrayList<>();
    long offset = 0;
    for (int index : graph.topologicalSortOrder()) {
      if (graph.getVertices()[index] instanceof KernelBound vertex) {
        for (Parameter parameter : vertex.parameters().declared()) {
          named.add(new NamedParameter(parameter.name(), offset, parameter.shape()));
          offset += parameter.length();
        }
      }
    }
    return named;
  }

  /**
   * Runs a micro-batch forward and backward and adds the gradient of the loss, summed over its target tokens, to
   * {@link #gradients()}.
   *
   * @param step number of the update that this micro-batch belongs to, from 0: it selects the dropout masks
   */
  public Loss accumulateGradient(TokenBatch batch, long step) {
    return accumulateGradient(batch, step, PassListener.NONE);
  }

  /**
   * As {@link #accumulateGradient(TokenBatch, long)}, and tells which parameters are needed and which gradients are finished meanwhile.
   *
   * @param listener follows this micro-batch
   */
  public Loss accumulateGradient(TokenBatch batch, long step, PassListener listener) {
    gradients();
    graph.getConfiguration().setIterationCount(Math.toIntExact(step));
    graph.setInputs(batch.inputs());
    graph.setLabels(batch.labels());
    try {
      ranges.begin(listener);
      graph.computeGradientAndScore();
      ranges.end();
    } finally {
      ranges.forget();
    }
    return ((OutputVertex.Running) graph.getVertex(OutputVertex.NAME)).lossLayer().loss();
  }

  /** The loss of a micro-batch, without dropout and without a gradient. */
  public Loss loss(TokenBatch batch) {
    try (InferenceSpace space = InferenceSpace.open()) {
      INDArray decoded = activations(batch, space.manager()).get(lastBeforeOutput());
      return outputKernel().loss(decoded, batch.labels());
    }
  }

  /** The decoder's output of a micro-batch before the projection: {@code [target tokens, d_model]}, detached. */
  INDArray decoderOutput(TokenBatch batch) {
    try (InferenceSpace space = InferenceSpace.open()) {
      return activations(batch, space.manager()).get(lastBeforeOutput()).detach();
    }
  }

  /** The logits of a micro-batch: {@code [target tokens, vocabulary]}, detached. */
  public INDArray logits(TokenBatch batch) {
    try (InferenceSpace space = InferenceSpace.open()) {
      INDArray decoded = activations(batch, space.manager()).get(lastBeforeOutput());
      return outputKernel().logits(decoded, space.manager()).detach();
    }
  }

  /**
   * Runs the encoder: {@code source} INT {@code [tokens]}, {@code offsets} INT {@code [sentences + 1]}.
   *
   * @return {@code [tokens, d_model]}, in the workspace
   */
  INDArray encode(INDArray source, INDArray offsets, LayerWorkspaceMgr space) {
    Map<String, INDArray> values = new HashMap<>();
    values.put(TransformerGraph.SOURCE, source);
    values.put(TransformerGraph.SOURCE_OFFSETS, offsets);
    forward(values, space);
    return values.get(lastOfEncoder());
  }

  private Map<String, INDArray> activations(TokenBatch batch, LayerWorkspaceMgr space) {
    Map<String, INDArray> values = new HashMap<>();
    values.put(TransformerGraph.SOURCE, batch.source());
    values.put(TransformerGraph.SOURCE_OFFSETS, batch.sourceOffsets());
    values.put(TransformerGraph.TARGET, batch.target());
    values.put(TransformerGraph.TARGET_OFFSETS, batch.targetOffsets());
    forward(values, space);
    return values;
  }

  /**
   * One decoding step: {@code values} holds the newest tokens {@code [rows]} and their offsets, and receives every activation of
   * the decoder; cross-attention reads its cache instead of the encoder's output.
   */
  void decodeStep(Map<String, INDArray> values, DecodingState state, LayerWorkspaceMgr space) {
    walk(values, space, vertex -> vertex.step(state, space),
        vertex -> vertex instanceof AttentionVertex.Running attention && attention.role() == AttentionVertex.Role.CROSS ? 1 : -1);
  }

  private void forward(Map<String, INDArray> values, LayerWorkspaceMgr space) {
    walk(values, space, vertex -> vertex.doForward(false, space), vertex -> -1);
  }

  /**
   * Runs every vertex, in topological order, whose inputs are all there; the output layer aside.
   *
   * @param needed of a vertex, how many of its inputs must be there, counted from the first; -1 for all
   */
  private void walk(Map<String, INDArray> values, LayerWorkspaceMgr space, Function<KernelVertex<?>, INDArray> run,
      ToIntFunction<KernelVertex<?>> needed) {
    GraphVertex[] vertices = graph.getVertices();
    for (int index : graph.topologicalSortOrder()) {
      if (!(vertices[index] instanceof KernelVertex<?> vertex)) {
        continue;
      }
      VertexIndices[] inputs = vertex.getInputVertices();
      int count = needed.applyAsInt(vertex) < 0 ? inputs.length : needed.applyAsInt(vertex);
      boolean ready = true;
      for (int i = 0; i < count; i++) {
        INDArray value = values.get(vertices[inputs[i].getVertexIndex()].getVertexName());
        ready &= value != null;
        vertex.setInput(i, value, space);
      }
      if (ready) {
        values.put(vertex.getVertexName(), run.apply(vertex));
      }
      vertex.clear();
    }
  }

  OutputKernel outputKernel() {
    return ((OutputVertex.Running) graph.getVertex(OutputVertex.NAME)).kernel();
  }

  /** Name of the vertex that makes the encoder's output. */
  String lastOfEncoder() {
    return graph.getConfiguration().getVertexInputs().get(TransformerGraph.decoderLayer(0) + ".multihead_attn").get(1);
  }

  /** Name of the vertex whose output is projected. */
  String lastBeforeOutput() {
    return graph.getConfiguration().getVertexInputs().get(OutputVertex.NAME).get(0);
  }

  /** Sets the flat gradient to zero. */
  public void clearGradients() {
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      gradients().assign(0);
    }
  }
}
