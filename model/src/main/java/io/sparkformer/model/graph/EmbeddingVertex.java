package io.sparkformer.model.graph;

import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.EmbeddingKernel;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Weight;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Token embedding, scaled by sqrt(d_model), plus positions, with dropout: the paper, sections 3.4, 3.5 and 5.4.
 * Inputs: ids {@code [tokens]}, offsets {@code [sentences + 1]}. Output: {@code [tokens, d_model]}.
 */
public final class EmbeddingVertex extends TransformerVertex {
  @JsonProperty private final String parameter;
  /** The vertex whose table this one shares; null if it owns its table. */
  @JsonProperty private final String owner;
  @JsonProperty private final int vocabulary;
  @JsonProperty private final int dModel;
  @JsonProperty private final int maxLength;
  @JsonProperty private final double dropout;
  @JsonProperty private final int site;
  @JsonProperty private final long seed;

  EmbeddingVertex(@JsonProperty("parameter") String parameter, @JsonProperty("owner") String owner,
      @JsonProperty("vocabulary") int vocabulary, @JsonProperty("dModel") int dModel, @JsonProperty("maxLength") int maxLength,
      @JsonProperty("dropout") double dropout, @JsonProperty("site") int site, @JsonProperty("seed") long seed) {
    this.parameter = parameter;
    this.owner = owner;
    this.vocabulary = vocabulary;
    this.dModel = dModel;
    this.maxLength = maxLength;
    this.dropout = dropout;
    this.site = site;
    this.seed = seed;
  }

  @Override
  List<Parameter> parameters() {
    return owner == null ? List.of(new Parameter(parameter, Initializer.EMBEDDING, vocabulary, dModel)) : List.of();
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
    return "EmbeddingVertex(parameter=%s, owner=%s, vocabulary=%d, dModel=%d, maxLength=%d, dropout=%s, site=%d, seed=%d)"
        .formatted(parameter, owner, vocabulary, dModel, maxLength, dropout, site, seed);
  }

  static final class Running extends KernelVertex<EmbeddingKernel> {
    private static final long serialVersionUID = 1L;

    private final transient EmbeddingVertex config;

    Running(EmbeddingVertex config, ComputationGraph graph, String name, int index, VertexParameters parameters, DataType type) {
      super(graph, name, index, parameters, type);
      this.config = config;
    }

    @Override
    public String parameterOwner() {
      return config.owner;
    }

    /** The embedding matrix {@code [vocabulary, d_model]}, this vertex's own or its owner's. */
    Weight table() {
      return config.owner == null ? parameters().weight("weight") : ((Running) graph.getVertex(config.owner)).table();
    }

    @Override
    EmbeddingKernel makeKernel(Kernels kernels) {
      return kernels.embedding(table(), config.maxLength, new Dropout(config.dropout, config.seed, config.site));
    }

    @Override
    INDArray forward(Pass pass, LayerWorkspaceMgr space) {
      return kernel().forward(inputs[0], Segments.of(inputs[1]), pass, space);
    }

    @Override
    INDArray step(DecodingState state, LayerWorkspaceMgr space) {
      return kernel().step(inputs[0], state.position(), space);
    }

    @Override
    INDArray[] backward(LayerWorkspaceMgr space) {
      kernel().backward(epsilon);
      return new INDArray[] {null, null};
    }
  }
}
