package io.sparkformer.model.graph;

import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.NormKernel;
import io.sparkformer.model.kernel.Pass;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Layer normalization of a pre-norm network (Xiong et al. 2020). Input: x {@code [tokens, d_model]}. Output: as x. */
public final class NormVertex extends TransformerVertex {
  @JsonProperty private final String prefix;
  @JsonProperty private final int dModel;
  @JsonProperty private final double epsilon;

  NormVertex(@JsonProperty("prefix") String prefix, @JsonProperty("dModel") int dModel, @JsonProperty("epsilon") double epsilon) {
    this.prefix = prefix;
    this.dModel = dModel;
    this.epsilon = epsilon;
  }

  static List<Parameter> parameters(String prefix, int dModel) {
    return List.of(new Parameter(prefix + ".weight", Initializer.ONES, dModel), new Parameter(prefix + ".bias", Initializer.ZEROS, dModel));
  }

  @Override
  List<Parameter> parameters() {
    return parameters(prefix, dModel);
  }

  @Override
  int inputs() {
    return 1;
  }

  @Override
  long seed() {
    return 0;
  }

  @Override
  KernelVertex<?> running(ComputationGraph graph, String name, int index, VertexParameters parameters, DataType type) {
    return new Running(this, graph, name, index, parameters, type);
  }

  @Override
  public String toString() {
    return "NormVertex(prefix=%s, dModel=%d, epsilon=%s)".formatted(prefix, dModel, epsilon);
  }

  static final class Running extends KernelVertex<NormKernel> {
    private static final long serialVersionUID = 1L;

    private final transient NormVertex config;

    Running(NormVertex config, ComputationGraph graph, String name, int index, VertexParameters parameters, DataType type) {
      super(graph, name, index, parameters, type);
      this.config = config;
    }

    @Override
    NormKernel makeKernel(Kernels kernels) {
      return kernels.norm(parameters().weight("weight"), parameters().weight("bias"), config.epsilon);
    }

    @Override
    INDArray forward(Pass pass, LayerWorkspaceMgr space) {
      return kernel().forward(inputs[0], pass, space);
    }

    @Override
    INDArray[] backward(LayerWorkspaceMgr space) {
      return new INDArray[] {kernel().backward(epsilon, space)};
    }
  }
}
