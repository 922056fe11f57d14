package io.sparkformer.model.graph;

import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Masking;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Multi-head attention with its projections: the paper, section 3.2.2.
 * Inputs of self-attention: x {@code [tokens, d_model]}, offsets. Inputs of cross-attention: x {@code [query tokens, d_model]},
 * memory {@code [memory tokens, d_model]}, offsets of x, offsets of memory. Output: as x.
 */
public final class AttentionVertex extends TransformerVertex {
  /** What attends to what. */
  enum Role {
    /** Every token of a sentence to every other: the encoder's. */
    SELF,
    /** Every token to itself and those before it: the decoder's. */
    CAUSAL_SELF,
    /** The decoder's tokens to the encoder's output. */
    CROSS
  }

  @JsonProperty private final String prefix;
  @JsonProperty private final Role role;
  @JsonProperty private final int dModel;
  @JsonProperty private final int heads;
  @JsonProperty private final double dropout;
  @JsonProperty private final int site;
  @JsonProperty private final long seed;

  AttentionVertex(@JsonProperty("prefix") String prefix, @JsonProperty("role") Role role, @JsonProperty("dModel") int dModel,
      @JsonProperty("heads") int heads, @JsonProperty("dropout") double dropout, @JsonProperty("site") int site,
      @JsonProperty("seed") long seed) {
    this.prefix = prefix;
    this.role = role;
    this.dModel = dModel;
    this.heads = heads;
    this.dropout = dropout;
    this.site = site;
    this.seed = seed;
  }

  @Override
  List<Parameter> parameters() {
    return List.of(
        new Parameter(prefix + ".in_proj_weight", Initializer.XAVIER_UNIFORM, 3L * dModel, dModel),
        new Parameter(prefix + ".in_proj_bias", Initializer.ZEROS, 3L * dModel),
        new Parameter(prefix + ".out_proj.weight", Initializer.XAVIER_UNIFORM, dModel, dModel),
        new Parameter(prefix + ".out_proj.bias", Initializer.ZEROS, dModel));
  }

  @Override
  int inputs() {
    return role == Role.CROSS ? 4 : 2;
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
    return "AttentionVertex(prefix=%s, role=%s, dModel=%d, heads=%d, dropout=%s, site=%d, seed=%d)"
        .formatted(prefix, role, dModel, heads, dropout, site, seed);
  }

  static final class Running extends KernelVertex<AttentionKernel> {
    private static final long serialVersionUID = 1L;

    private final transient AttentionVertex config;

    Running(AttentionVertex config, ComputationGraph graph, String name, int index, VertexParameters parameters, DataType type) {
      super(graph, name, index, parameters, type);
      this.config = config;
    }

    @Override
    AttentionKernel makeKernel(Kernels kernels) {
      VertexParameters p = parameters();
      AttentionWeights weights = new AttentionWeights(p.weight("in_proj_weight"), p.weight("in_proj_bias"),
          p.weight("out_proj.weight"), p.weight("out_proj.bias"));
      return kernels.attention(weights, config.heads, config.role == Role.CAUSAL_SELF ? Masking.CAUSAL : Masking.NONE,
          new Dropout(config.dropout, config.seed, config.site));
    }

    @Override
    INDArray forward(Pass pass, LayerWorkspaceMgr space) {
      if (config.role == Role.CROSS) {
        return kernel().forward(inputs[0], Segments.of(inputs[2]), inputs[1], Segments.of(inputs[3]), pass, space);
      }
      Segments segments = Segments.of(inputs[1]);
      return kernel().forward(inputs[0], segments, inputs[0], segments, pass, space);
    }

    Role role() {
      return config.role;
    }

    @Override
    INDArray step(DecodingState state, LayerWorkspaceMgr space) {
      return config.role == Role.CROSS
          ? kernel().stepCross(inputs[0], state.cache(vertexName), space)
          : kernel().stepSelf(inputs[0], state.cache(vertexName), space);
    }

    @Override
    INDArray[] backward(LayerWorkspaceMgr space) {
      AttentionKernel.Gradients gradients = kernel().backward(epsilon, space);
      return config.role == Role.CROSS
          ? new INDArray[] {gradients.query(), gradients.memory(), null, null}
          : new INDArray[] {gradients.query(), null};
    }
  }
}
