package io.sparkformer.model.graph;

import io.sparkformer.model.block.HeadBlock;
import io.sparkformer.model.block.HeadNode;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The configuration of a vertex that runs a head: DL4J wants the loss of a graph in an output layer. Input: {@code [rows, width]}. Output:
 * scores {@code [rows, classes]}, in inference only. Labels as in {@link io.sparkformer.model.batch.Batch}.
 */
public final class HeadVertex extends LayerVertex {
  @JsonProperty private String head;
  @JsonProperty private Map<String, String> lenders;
  /** Place among the network's heads. */
  @JsonProperty private int place;

  /** For JSON. */
  HeadVertex() {}

  HeadVertex(HeadBlock head, Map<String, String> lenders, int place) {
    super(new NeuralNetConfiguration.Builder().layer(new HeadLoss(head.config().name())).build(), null);
    this.head = BlockJson.write(head);
    this.lenders = new TreeMap<>(lenders);
    this.place = place;
  }

  private HeadBlock block() {
    return BlockJson.read(head, HeadBlock.class);
  }

  @Override
  public long numParams(boolean backprop) {
    return VertexParameters.count(block(), lenders);
  }

  @Override
  public Running instantiate(ComputationGraph graph, String name, int index, INDArray view, boolean initialize, DataType type) {
    HeadBlock block = block();
    VertexParameters parameters = new VertexParameters(block, lenders, view);
    if (initialize) {
      parameters.initialize(block.drawing().seed());
    }
    return new Running(block, place, graph, name, index, new HeadLossLayer(getLayerConf(), index, type), parameters, type);
  }

  @Override
  public GraphVertex clone() {
    return this;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HeadVertex vertex && vertex.toString().equals(toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  @Override
  public String toString() {
    return "HeadVertex(%s, lenders=%s, place=%d)".formatted(head, lenders, place);
  }

  static final class Running extends org.deeplearning4j.nn.graph.vertex.impl.LayerVertex implements ParameterVertex {
    private static final long serialVersionUID = 1L;

    private final transient HeadBlock block;
    private final transient int place;
    private final transient VertexParameters parameters;
    private transient GraphContext context = new GraphContext(new Nd4jKernels());
    private transient HeadNode node;
    private transient INDArray nodeGradients;

    Running(HeadBlock block, int place, ComputationGraph graph, String name, int index, HeadLossLayer layer, VertexParameters parameters,
        DataType type) {
      super(graph, name, index, layer, null, true, type);
      this.block = block;
      this.place = place;
      this.parameters = parameters;
      layer.attach(this);
    }

    HeadLossLayer lossLayer() {
      return (HeadLossLayer) getLayer();
    }

    GraphContext context() {
      return context;
    }

    double lossWeight() {
      return context.lossWeight(place);
    }

    HeadNode node() {
      INDArray gradients = graph.getGradientsViewArray();
      if (node == null || nodeGradients != gradients) {
        node = block.node(context.kernels(), name -> parameters.weight(graph, name));
        nodeGradients = gradients;
      }
      return node;
    }

    @Override
    public void join(GraphContext context) {
      this.context = context;
      this.node = null;
    }

    @Override
    public VertexParameters parameters() {
      return parameters;
    }

    @Override
    public void setBackpropGradientsViewArray(INDArray view) {
      parameters.attachGradients(view);
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }
}
