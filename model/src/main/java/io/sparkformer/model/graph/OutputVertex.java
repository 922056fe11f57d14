package io.sparkformer.model.graph;

import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Nd4jKernels;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.Weight;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Output projection, softmax and label-smoothed cross-entropy: the paper, sections 3.4 and 5.4.
 * Input: {@code [tokens, d_model]}. Output: logits {@code [tokens, vocabulary]}, in inference only. Labels: INT {@code [tokens]}.
 */
public final class OutputVertex extends LayerVertex {
  static final String NAME = "output";

  /** The embedding vertex whose table is the projection; null if this vertex owns {@code output.weight}. */
  @JsonProperty private String owner;
  @JsonProperty private int vocabulary;
  @JsonProperty private int dModel;
  @JsonProperty private double labelSmoothing;
  @JsonProperty private long seed;

  /** For JSON. */
  OutputVertex() {}

  OutputVertex(String owner, int vocabulary, int dModel, double labelSmoothing, long seed) {
    super(new NeuralNetConfiguration.Builder().layer(new OutputLoss()).build(), null);
    this.owner = owner;
    this.vocabulary = vocabulary;
    this.dModel = dModel;
    this.labelSmoothing = labelSmoothing;
    this.seed = seed;
  }

  private List<Parameter> parameters() {
    return owner == null ? List.of(new Parameter(NAME + ".weight", Initializer.EMBEDDING, vocabulary, dModel)) : List.of();
  }

  @Override
  public long numParams(boolean backprop) {
    return parameters().stream().mapToLong(Parameter::length).sum();
  }

  @Override
  public org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(ComputationGraph graph, String name, int index, INDArray view,
      boolean initialize, DataType type) {
    if (initialize && owner == null) {
      parameters().get(0).initialize(view.get(NDArrayIndex.all()), seed);
    }
    return new Running(this, graph, name, index, new OutputLossLayer(getLayerConf(), index, type), new VertexParameters(parameters(), view),
        type);
  }

  @Override
  public GraphVertex clone() {
    return this;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OutputVertex vertex && vertex.toString().equals(toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  @Override
  public String toString() {
    return "OutputVertex(owner=%s, vocabulary=%d, dModel=%d, labelSmoothing=%s, seed=%d)"
        .formatted(owner, vocabulary, dModel, labelSmoothing, seed);
  }

  static final class Running extends org.deeplearning4j.nn.graph.vertex.impl.LayerVertex implements KernelBound {
    private static final long serialVersionUID = 1L;

    private final transient OutputVertex config;
    private final transient VertexParameters parameters;
    private transient Kernels kernels = new Nd4jKernels();
    private transient OutputKernel kernel;
    private transient INDArray kernelGradients;

    Running(OutputVertex config, ComputationGraph graph, String name, int index, OutputLossLayer layer, VertexParameters parameters,
        DataType type) {
      super(graph, name, index, layer, null, true, type);
      this.config = config;
      this.parameters = parameters;
      layer.attach(this::kernel);
    }

    @Override
    public String parameterOwner() {
      return config.owner;
    }

    OutputLossLayer lossLayer() {
      return (OutputLossLayer) getLayer();
    }

    OutputKernel kernel() {
      INDArray gradients = graph.getGradientsViewArray();
      if (kernel == null || kernelGradients != gradients) {
        Weight table = config.owner == null
            ? parameters.weight("weight")
            : ((EmbeddingVertex.Running) graph.getVertex(config.owner)).table();
        kernel = kernels.output(table, config.labelSmoothing);
        kernelGradients = gradients;
      }
      return kernel;
    }

    @Override
    public void bind(Kernels kernels) {
      this.kernels = kernels;
      this.kernel = null;
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
