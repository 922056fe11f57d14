package io.sparkformer.model.graph;

import io.sparkformer.model.block.Block;
import io.sparkformer.model.block.Drawing;
import io.sparkformer.model.block.DropoutBlock;
import io.sparkformer.model.block.EmbeddingBlock;
import io.sparkformer.model.block.HeadBlock;
import io.sparkformer.model.block.LayerBlock;
import io.sparkformer.model.block.NormBlock;
import io.sparkformer.model.block.Parameterized;
import io.sparkformer.model.block.PoolerBlock;
import io.sparkformer.model.block.Recompute;
import io.sparkformer.model.block.TransformBlock;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.config.StackConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.nd4j.linalg.api.buffer.DataType;

/** Wires the blocks of a network as a DL4J graph configuration: what is connected to what, and how everything is named. */
public final class NetworkGraph {
  public static final String ENCODER = "encoder";
  public static final String DECODER = "decoder";

  private final NetworkConfig config;
  private final Recompute recompute;
  private final ComputationGraphConfiguration.GraphBuilder graph;
  /** By the name of a parameter, the vertex that declares it first and owns it. */
  private final Map<String, String> owners = new HashMap<>();
  private final List<Placed> placed = new ArrayList<>();
  /** Number of the next place that drops out; the order below is part of what a seed means. */
  private int site;

  /**
   * A block, and the stack whose tokens it reads.
   *
   * @param owned parameters that it declares first
   */
  record Placed(Parameterized block, String stack, long owned) {}

  private NetworkGraph(NetworkConfig config, Recompute recompute, DataType type) {
    this.config = config;
    this.recompute = recompute;
    this.graph = new NeuralNetConfiguration.Builder()
        .seed(config.seed())
        .dataType(type)
        .trainingWorkspaceMode(WorkspaceMode.ENABLED)
        .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
        .graphBuilder();
  }

  /** The graph of a network; {@code type} is FLOAT, or DOUBLE where gradients are checked. */
  public static ComputationGraphConfiguration configuration(NetworkConfig config, Recompute recompute, DataType type) {
    return new NetworkGraph(config, recompute, type).build();
  }

  /** The blocks and heads of a network, in the order in which they run. */
  static List<Placed> blocks(NetworkConfig config, Recompute recompute) {
    NetworkGraph graph = new NetworkGraph(config, recompute, DataType.FLOAT);
    graph.build();
    return graph.placed;
  }

  /** Name of the graph input with the token ids of a stack. */
  static String ids(String stack) {
    return stack + "_ids";
  }

  /** Name of the graph input with the token types of a stack that has them. */
  static String types(String stack) {
    return stack + "_types";
  }

  /** Name of the graph input with the offsets of a stack's sequences. */
  static String offsets(String stack) {
    return stack + "_offsets";
  }

  /** Name of the vertex that embeds the tokens of a stack. */
  static String embedding(String stack) {
    return stack + ".embedding";
  }

  /** Name of the vertex that ends a stack. */
  static String last(String stack, StackConfig config) {
    return config.finalNorm() == null ? stack + ".layers." + (config.layers().size() - 1) : stack + ".norm";
  }

  /** The graph's inputs, in the order in which DL4J wants their arrays. */
  static List<String> inputs(NetworkConfig config) {
    List<String> inputs = new ArrayList<>();
    if (config.encoder() != null) {
      inputs.addAll(inputs(ENCODER, config.encoder()));
    }
    if (config.decoder() != null) {
      inputs.addAll(inputs(DECODER, config.decoder()));
    }
    return inputs;
  }

  private static List<String> inputs(String stack, StackConfig config) {
    return config.embedding().tokenTypes() > 0 ? List.of(ids(stack), types(stack), offsets(stack)) : List.of(ids(stack), offsets(stack));
  }

  private ComputationGraphConfiguration build() {
    graph.addInputs(inputs(config));
    String memory = config.encoder() == null ? null : stack(ENCODER, config.encoder(), null);
    String output = config.decoder() == null ? memory : stack(DECODER, config.decoder(), memory);
    List<String> outputs = new ArrayList<>();
    for (HeadConfig head : config.heads()) {
      outputs.add(head(head, output, outputs.size()));
    }
    if (outputs.isEmpty()) {
      outputs.add(output);
    }
    return graph.setOutputs(outputs.toArray(String[]::new)).build();
  }

  private String stack(String stack, StackConfig of, String memory) {
    Drawing drawing = new Drawing(config.initialization(), of.layers().size(), config.seed());
    String x = embedding(stack);
    add(x, new EmbeddingBlock(stack, of.embedding(), config.vocabulary(), config.width(), config.maxLength(), site++, drawing),
        inputs(stack, of));
    for (int i = 0; i < of.layers().size(); i++) {
      LayerBlock layer = new LayerBlock(stack, i, of.layers().get(i), config.width(), site, recompute, drawing);
      site += LayerBlock.sites(layer.config());
      add(layer.name(), layer, memory == null ? List.of(x, offsets(stack)) : List.of(x, memory, offsets(stack), offsets(ENCODER)));
      x = layer.name();
    }
    if (of.finalNorm() != null) {
      String name = last(stack, of);
      add(name, new NormBlock(name, of.finalNorm(), config.width(), of.finalDropout(), of.finalDropout() > 0 ? site++ : 0, drawing),
          List.of(x, offsets(stack)));
      x = name;
    }
    return x;
  }

  private String head(HeadConfig head, String output, int place) {
    String stack = config.decoder() != null ? DECODER : ENCODER;
    Drawing drawing = new Drawing(config.initialization(), config.lastStack().layers().size(), config.seed());
    String x = output;
    if (head instanceof HeadConfig.Vocabulary vocabulary && vocabulary.transform() != null) {
      x = "output.transform";
      add(x, new TransformBlock(x, vocabulary.transform(), config.width(), drawing), List.of(output, offsets(stack)));
    } else if (head instanceof HeadConfig.SequenceClass sequence) {
      x = "pooler";
      add(x, new PoolerBlock(x, sequence, config.width(), site, drawing), List.of(output, offsets(stack)));
      site += PoolerBlock.sites(sequence);
    } else if (head instanceof HeadConfig.TokenClass token && token.dropout() > 0) {
      x = "classifier.dropout";
      add(x, new DropoutBlock(token.dropout(), site++, drawing), List.of(output, offsets(stack)));
    }
    HeadBlock block = new HeadBlock(head, config.vocabulary(), config.width(), drawing);
    graph.addVertex(head.name(), new HeadVertex(block, lenders(head.name(), block, stack), place), x);
    return head.name();
  }

  /** Every vertex takes offsets after its activations: DL4J's backward pass loses count behind an input without a gradient. */
  private void add(String name, Block block, List<String> inputs) {
    Map<String, String> lenders = lenders(name, block, inputs.contains(offsets(DECODER)) ? DECODER : ENCODER);
    graph.addVertex(name, new BlockVertex(BlockJson.write(block), lenders, inputs.size()), inputs.toArray(String[]::new));
  }

  /** By the name of a parameter of the block that another vertex owns, that vertex; the rest belong to this one from now on. */
  private Map<String, String> lenders(String vertex, Parameterized block, String stack) {
    Map<String, String> lenders = new HashMap<>();
    block.parameters().forEach(parameter -> {
      String owner = owners.putIfAbsent(parameter.name(), vertex);
      if (owner != null) {
        lenders.put(parameter.name(), owner);
      }
    });
    placed.add(new Placed(block, stack, VertexParameters.count(block, lenders)));
    return lenders;
  }
}
