package io.sparkformer.model.block;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.config.FeedForwardConfig;
import io.sparkformer.model.config.LayerConfig;
import io.sparkformer.model.config.LayerConfig.Arrangement;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.FeedForwardWeights;
import io.sparkformer.model.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One layer of a stack: {@code [tokens, width]} to {@code [tokens, width]}. Which kernels it runs in which order, {@link #node} shows.
 *
 * @param stack name of the stack: {@code encoder} or {@code decoder}
 * @param layer its number, from 0
 * @param firstSite number of its first dropout; it has {@link #sites} of them
 */
public record LayerBlock(String stack, int layer, LayerConfig config, int width, int firstSite, Recompute recompute, Drawing drawing)
    implements Block {
  private static final String SELF = "self_attn";
  private static final String CROSS = "multihead_attn";

  /** How many dropouts a layer numbers. */
  public static int sites(LayerConfig config) {
    return config.crossAttention() == null ? 4 : 6;
  }

  /** Name of the layer: of its vertex, and before the names of its parameters. */
  public String name() {
    return stack + ".layers." + layer;
  }

  @Override
  public List<Parameter> parameters() {
    boolean parallel = config.arrangement() == Arrangement.PARALLEL;
    List<Parameter> parameters = new ArrayList<>();
    addAttention(parameters, SELF, config.selfAttention());
    parameters.addAll(norm(1));
    if (config.crossAttention() != null) {
      addAttention(parameters, CROSS, config.crossAttention());
      parameters.addAll(norm(2));
    }
    addFeedForward(parameters);
    if (!parallel) {
      parameters.addAll(norm(norms()));
    }
    return parameters;
  }

  /** Norms of the layer, the last one that of the feed-forward layer; names count them from 1. */
  private int norms() {
    return config.crossAttention() == null ? 2 : 3;
  }

  private List<Parameter> norm(int number) {
    return Norms.parameters(normName(number), config.norm(), width);
  }

  private String normName(int number) {
    return name() + ".norm" + number;
  }

  private void addAttention(List<Parameter> parameters, String kind, AttentionConfig attention) {
    String name = name() + "." + kind;
    parameters.add(drawing.projection(name + ".in_proj_weight", attention.inputWidth(), width, attention.queryWidth(),
        attention.headWidth()));
    if (attention.biases().ofInputs()) {
      parameters.add(Drawing.zeros(name + ".in_proj_bias", attention.inputWidth()));
    }
    parameters.add(drawing.residualMatrix(name + ".out_proj.weight", width, attention.queryWidth()));
    if (attention.biases().ofOutputs()) {
      parameters.add(Drawing.zeros(name + ".out_proj.bias", width));
    }
    if (attention.positions() instanceof AttentionPositions.Relative relative) {
      parameters.add(drawing.relativePositions(relativeName(), relative.buckets(), attention.heads(), width));
    }
  }

  /** All layers of a stack share the table. */
  private String relativeName() {
    return stack + ".relative_positions.weight";
  }

  private void addFeedForward(List<Parameter> parameters) {
    FeedForwardConfig feedForward = config.feedForward();
    boolean biases = feedForward.biases().ofOutputs();
    parameters.add(drawing.matrix(name() + ".linear1.weight", feedForward.innerRows(), width));
    if (biases) {
      parameters.add(Drawing.zeros(name() + ".linear1.bias", feedForward.innerRows()));
    }
    parameters.add(drawing.residualMatrix(name() + ".linear2.weight", width, feedForward.inner()));
    if (biases) {
      parameters.add(Drawing.zeros(name() + ".linear2.bias", width));
    }
  }

  /** A watch of the layer's cross-attention; {@code toHost} as {@link CrossAttentionWatch} has it. */
  public CrossAttentionWatch crossAttentionWatch(Weights weights, UnaryOperator<INDArray> toHost) {
    String attention = name() + "." + CROSS;
    return new CrossAttentionWatch(attention, config.crossAttention(), weights.weight(attention + ".in_proj_weight"),
        weights.weightIf(config.crossAttention().biases().ofInputs(), attention + ".in_proj_bias"), toHost);
  }

  @Override
  public BlockMemory memory(PassSize size) {
    return new LayerMemory(config, width, size).memory();
  }

  @Override
  public Node node(Kernels kernels, Weights weights) {
    Wiring wiring = new Wiring(kernels, weights);
    int x = Tape.INPUT;
    switch (config.arrangement()) {
      case POST_NORM -> {
        x = wiring.residualNorm(wiring.selfAttention(x), x, 1);
        if (config.crossAttention() != null) {
          x = wiring.residualNorm(wiring.crossAttention(x), x, 2);
        }
        wiring.residualNorm(wiring.feedForward(x), x, norms());
      }
      case PRE_NORM -> {
        x = wiring.residual(wiring.selfAttention(wiring.norm(x, 1)), x, 1);
        if (config.crossAttention() != null) {
          x = wiring.residual(wiring.crossAttention(wiring.norm(x, 2)), x, 2);
        }
        wiring.residual(wiring.feedForward(wiring.norm(x, norms())), x, norms());
      }
      case PARALLEL -> {
        int normalized = wiring.norm(x, 1);
        // One mask for both, as if their sum were dropped out.
        int attended = wiring.residual(wiring.selfAttention(normalized), x, 1);
        wiring.residual(wiring.feedForward(normalized), attended, 1);
      }
      case PARALLEL_TWO_NORMS -> {
        int attended = wiring.residual(wiring.selfAttention(wiring.norm(x, 1)), x, 1);
        wiring.residual(wiring.feedForward(wiring.norm(x, 2)), attended, 1);
      }
      default -> throw new IllegalStateException("Unknown arrangement " + config.arrangement());
    }
    return new LayerNode(kernels, wiring.tape.build(), recompute);
  }

  /** Puts kernels on a tape. */
  private final class Wiring {
    private final Kernels kernels;
    private final Weights weights;
    private final Tape.Builder tape = new Tape.Builder();

    Wiring(Kernels kernels, Weights weights) {
      this.kernels = kernels;
      this.weights = weights;
    }

    int selfAttention(int x) {
      return tape.selfAttention(name() + "." + SELF, kernels.attention(attentionWeights(SELF, config.selfAttention()),
          config.selfAttention(), dropout(config.selfAttention().dropout(), 0)), x);
    }

    int crossAttention(int x) {
      return tape.crossAttention(name() + "." + CROSS, kernels.attention(attentionWeights(CROSS, config.crossAttention()),
          config.crossAttention(), dropout(config.crossAttention().dropout(), 2)), x);
    }

    private AttentionWeights attentionWeights(String kind, AttentionConfig attention) {
      String name = name() + "." + kind;
      return new AttentionWeights(weights.weight(name + ".in_proj_weight"),
          weights.weightIf(attention.biases().ofInputs(), name + ".in_proj_bias"), weights.weight(name + ".out_proj.weight"),
          weights.weightIf(attention.biases().ofOutputs(), name + ".out_proj.bias"),
          weights.weightIf(attention.positions() instanceof AttentionPositions.Relative, relativeName()));
    }

    int feedForward(int x) {
      boolean biases = config.feedForward().biases().ofOutputs();
      FeedForwardWeights of = new FeedForwardWeights(weights.weight(name() + ".linear1.weight"),
          weights.weightIf(biases, name() + ".linear1.bias"), weights.weight(name() + ".linear2.weight"),
          weights.weightIf(biases, name() + ".linear2.bias"));
      return tape.feedForward(kernels.feedForward(of, config.feedForward(),
          dropout(config.feedForward().dropout(), 2 * (norms() - 1))), x);
    }

    int norm(int x, int number) {
      return tape.norm(kernels.norm(Norms.weights(normName(number), config.norm(), weights), config.norm(), Dropout.NONE), x);
    }

    int residual(int x, int residual, int subLayer) {
      return tape.residual(kernels.residual(subLayerDropout(subLayer)), x, residual);
    }

    int residualNorm(int x, int residual, int subLayer) {
      return tape.residual(kernels.residualNorm(Norms.weights(normName(subLayer), config.norm(), weights), config.norm(),
          subLayerDropout(subLayer)), x, residual);
    }

    private Dropout subLayerDropout(int subLayer) {
      return dropout(config.dropout(), 2 * subLayer - 1);
    }

    private Dropout dropout(double rate, int place) {
      return new Dropout(rate, drawing.seed(), firstSite + place);
    }
  }
}
