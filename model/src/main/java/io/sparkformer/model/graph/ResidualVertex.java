package io.sparkformer.model.graph;

import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.ResidualKernel;
import io.sparkformer.model.kernel.Segments;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The end of a sub-layer: {@code LayerNorm(residual + Dropout(x))} (the paper, sections 3.1 and 5.4), or in a pre-norm network
 * {@code residual + Dropout(x)}. Inputs: x, residual, both {@code [tokens, d_model]}, offsets. Output: as x.
 */
public final class ResidualVertex extends TransformerVertex {
  @JsonProperty private final String prefix;
  @JsonProperty private final NormPosition norm;
  @JsonProperty private final int dModel;
  @JsonProperty private final double epsilon;
  @JsonProperty private final double dropout;
  @JsonProperty private final int site;
  @JsonProperty private final long seed;

  ResidualVertex(@JsonProperty("prefix") String prefix, @JsonProperty("norm") NormPosition norm, @JsonProperty("dModel") int dModel,
      @JsonProperty("epsilon") double epsilon, @JsonProperty("dropout") double dropout, @JsonProperty("site") int site,
      @JsonProperty("seed") long seed) {
    this.prefix = prefix;
    this.norm = norm;
    this.dModel = dModel;
    this.epsilon = epsilon;
    this.dropout = dropout;
    this.site = site;
    this.seed = seed;
  }

  @Override
  List<Parameter> parameters() {
    return norm == NormPosition.POST ? NormVertex.parameters(prefix, dModel) : List.of();
  }

  @Override
  int inputs() {
    return 3;
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
    return "ResidualVertex(prefix=%s, norm=%s, dModel=%d, epsilon=%s, dropout=%s, site=%d, seed=%d)"
        .formatted(prefix, norm, dModel, epsilon, dropout, site, seed);
  }

  static final class Running extends KernelVertex<ResidualKernel> {
    private static final long serialVersionUID = 1L;

    private final transient ResidualVertex config;

    Running(ResidualVertex config, ComputationGraph graph, String name, int index, VertexParameters parameters, DataType type) {
      super(graph, name, index, parameters, type);
      this.config = config;
    }

    @Override
    ResidualKernel makeKernel(Kernels kernels) {
      Dropout dropout = new Dropout(config.dropout, config.seed, config.site);
      return config.norm == NormPosition.POST
          ? kernels.residualNorm(parameters().weight("weight"), parameters().weight("bias"), config.epsilon, dropout)
          : kernels.residual(dropout);
    }

    @Override
    INDArray forward(Pass pass, LayerWorkspaceMgr space) {
      return kernel().forward(inputs[0], inputs[1], Segments.of(inputs[2]).firstToken(), pass, space);
    }

    @Override
    INDArray[] backward(LayerWorkspaceMgr space) {
      ResidualKernel.Gradients gradients = kernel().backward(epsilon, space);
      return new INDArray[] {gradients.x(), gradients.residual(), null};
    }
  }
}
