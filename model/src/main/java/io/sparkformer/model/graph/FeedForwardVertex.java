package io.sparkformer.model.graph;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.FeedForwardKernel;
import io.sparkformer.model.kernel.FeedForwardWeights;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Position-wise feed-forward layer: the paper, section 3.3, equation 2. Inputs: x {@code [tokens, d_model]}, offsets. Output: as x. */
public final class FeedForwardVertex extends TransformerVertex {
  @JsonProperty private final String prefix;
  @JsonProperty private final int dModel;
  @JsonProperty private final int ffn;
  @JsonProperty private final Activation activation;
  @JsonProperty private final double dropout;
  @JsonProperty private final int site;
  @JsonProperty private final long seed;

  FeedForwardVertex(@JsonProperty("prefix") String prefix, @JsonProperty("dModel") int dModel, @JsonProperty("ffn") int ffn,
      @JsonProperty("activation") Activation activation, @JsonProperty("dropout") double dropout, @JsonProperty("site") int site,
      @JsonProperty("seed") long seed) {
    this.prefix = prefix;
    this.dModel = dModel;
    this.ffn = ffn;
    this.activation = activation;
    this.dropout = dropout;
    this.site = site;
    this.seed = seed;
  }

  @Override
  List<Parameter> parameters() {
    return List.of(
        new Parameter(prefix + ".linear1.weight", Initializer.XAVIER_UNIFORM, ffn, dModel),
        new Parameter(prefix + ".linear1.bias", Initializer.ZEROS, ffn),
        new Parameter(prefix + ".linear2.weight", Initializer.XAVIER_UNIFORM, dModel, ffn),
        new Parameter(prefix + ".linear2.bias", Initializer.ZEROS, dModel));
  }

  @Override
  int inputs() {
    return 2;
  }

  @Override
  long seed() {
    return seed;
  }

  @Override
  KernelVertex<?> running(ComputationGraph graph, String name, int index, VertexParameters parameters, DataType type) {
    return new Running(this, graph, name, index, parameters, type);
  }

  @Override
  public String toString() {
    return "FeedForwardVertex(prefix=%s, dModel=%d, ffn=%d, activation=%s, dropout=%s, site=%d, seed=%d)"
        .formatted(prefix, dModel, ffn, activation, dropout, site, seed);
  }

  static final class Running extends KernelVertex<FeedForwardKernel> {
    private static final long serialVersionUID = 1L;

    private final transient FeedForwardVertex config;

    Running(FeedForwardVertex config, ComputationGraph graph, String name, int index, VertexParameters parameters, DataType type) {
      super(graph, name, index, parameters, type);
      this.config = config;
    }

    @Override
    FeedForwardKernel makeKernel(Kernels kernels) {
      VertexParameters p = parameters();
      FeedForwardWeights weights = new FeedForwardWeights(p.weight("linear1.weight"), p.weight("linear1.bias"),
          p.weight("linear2.weight"), p.weight("linear2.bias"));
      return kernels.feedForward(weights, config.activation, new Dropout(config.dropout, config.seed, config.site));
    }

    @Override
    INDArray forward(Pass pass, LayerWorkspaceMgr space) {
      return kernel().forward(inputs[0], Segments.of(inputs[1]).firstToken(), pass, space);
    }

    @Override
    INDArray[] backward(LayerWorkspaceMgr space) {
      return new INDArray[] {kernel().backward(epsilon, space), null};
    }
  }
}
