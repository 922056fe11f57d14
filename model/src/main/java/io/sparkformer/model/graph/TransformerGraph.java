package io.sparkformer.model.graph;

import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.config.TransformerConfig;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;

/** Wires the paper's figure 1 as a DL4J graph configuration: what is connected to what, and how everything is named. */
public final class TransformerGraph {
  static final String SOURCE = "source";
  static final String TARGET = "target";
  static final String SOURCE_OFFSETS = "source_offsets";
  static final String TARGET_OFFSETS = "target_offsets";
  static final String SOURCE_EMBEDDING = "source_embedding";
  static final String TARGET_EMBEDDING = "target_embedding";

  private final TransformerConfig config;
  private final ComputationGraphConfiguration.GraphBuilder graph;
  /** Number of the next place that drops out; the order below is part of what a seed means. */
  private int site;

  private TransformerGraph(TransformerConfig config, DataType type) {
    this.config = config;
    this.graph = new NeuralNetConfiguration.Builder()
        .seed(config.seed())
        .dataType(type)
        .trainingWorkspaceMode(WorkspaceMode.ENABLED)
        .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
        .graphBuilder();
  }

  /** The graph of a network; {@code type} is FLOAT, or DOUBLE where gradients are checked. */
  public static ComputationGraphConfiguration configuration(TransformerConfig config, DataType type) {
    return new TransformerGraph(config, type).build();
  }

  static String encoderLayer(int layer) {
    return "encoder.layers." + layer;
  }

  static String decoderLayer(int layer) {
    return "decoder.layers." + layer;
  }

  private ComputationGraphConfiguration build() {
    graph.addInputs(SOURCE, TARGET, SOURCE_OFFSETS, TARGET_OFFSETS);
    boolean allTied = config.tiedEmbeddings() == TiedEmbeddings.ALL;
    boolean outputTied = config.tiedEmbeddings() != TiedEmbeddings.NONE;

    embed(SOURCE_EMBEDDING, allTied ? "embedding.weight" : SOURCE_EMBEDDING + ".weight", null, SOURCE, SOURCE_OFFSETS);
    String x = SOURCE_EMBEDDING;
    for (int i = 0; i < config.encoderLayers(); i++) {
      String layer = encoderLayer(i);
      x = attend(layer, "self_attn", 1, AttentionVertex.Role.SELF, x, null);
      x = feedForward(layer, 2, x, SOURCE_OFFSETS);
    }
    String memory = atEndOfStack("encoder.norm", x);

    String targetParameter = TARGET_EMBEDDING + ".weight";
    embed(TARGET_EMBEDDING, targetParameter, allTied ? SOURCE_EMBEDDING : null, TARGET, TARGET_OFFSETS);
    x = TARGET_EMBEDDING;
    for (int i = 0; i < config.decoderLayers(); i++) {
      String layer = decoderLayer(i);
      x = attend(layer, "self_attn", 1, AttentionVertex.Role.CAUSAL_SELF, x, null);
      x = attend(layer, "multihead_attn", 2, AttentionVertex.Role.CROSS, x, memory);
      x = feedForward(layer, 3, x, TARGET_OFFSETS);
    }
    x = atEndOfStack("decoder.norm", x);
    String owner = outputTied ? (allTied ? SOURCE_EMBEDDING : TARGET_EMBEDDING) : null;
    graph.addVertex(OutputVertex.NAME,
        new OutputVertex(owner, config.vocabulary(), config.dModel(), config.labelSmoothing(), config.seed()), x);
    return graph.setOutputs(OutputVertex.NAME).build();
  }

  private void embed(String name, String parameter, String owner, String ids, String offsets) {
    add(name, new EmbeddingVertex(parameter, owner, config.vocabulary(), config.dModel(), config.maxLength(), config.dropout(), site++,
        config.seed()), ids, offsets);
  }

  /** One attention sub-layer: the {@code number}-th of its layer, as PyTorch counts the norms. */
  private String attend(String layer, String name, int number, AttentionVertex.Role role, String x, String memory) {
    String offsets = role == AttentionVertex.Role.SELF ? SOURCE_OFFSETS : TARGET_OFFSETS;
    String attention = layer + "." + name;
    AttentionVertex vertex = new AttentionVertex(attention, role, config.dModel(), config.heads(), config.attentionDropout(), site++,
        config.seed());
    String in = atStartOfSubLayer(layer, number, x);
    if (role == AttentionVertex.Role.CROSS) {
      add(attention, vertex, in, memory, offsets, SOURCE_OFFSETS);
    } else {
      add(attention, vertex, in, offsets);
    }
    return atEndOfSubLayer(layer, number, attention, x, offsets);
  }

  private String feedForward(String layer, int number, String x, String offsets) {
    String name = layer + ".feed_forward";
    add(name, new FeedForwardVertex(layer, config.dModel(), config.ffn(), config.activation(), config.activationDropout(), site++,
        config.seed()), atStartOfSubLayer(layer, number, x), offsets);
    return atEndOfSubLayer(layer, number, name, x, offsets);
  }

  private String atStartOfSubLayer(String layer, int number, String x) {
    return config.norm() == NormPosition.PRE ? norm(layer + ".norm" + number, x) : x;
  }

  private String atEndOfSubLayer(String layer, int number, String subLayer, String residual, String offsets) {
    String norm = layer + ".norm" + number;
    String name = config.norm() == NormPosition.POST ? norm : layer + ".residual" + number;
    add(name, new ResidualVertex(norm, config.norm(), config.dModel(), config.layerNormEpsilon(), config.dropout(), site++, config.seed()),
        subLayer, residual, offsets);
    return name;
  }

  private String atEndOfStack(String name, String x) {
    return config.norm() == NormPosition.PRE ? norm(name, x) : x;
  }

  private String norm(String name, String x) {
    add(name, new NormVertex(name, config.dModel(), config.layerNormEpsilon()), x);
    return name;
  }

  private void add(String name, GraphVertex vertex, String... inputs) {
    graph.addVertex(name, vertex, inputs);
  }
}
