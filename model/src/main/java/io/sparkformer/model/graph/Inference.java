package io.sparkformer.model.graph;

import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.block.DecodingState;
import io.sparkformer.model.block.Inputs;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.kernel.Memory;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Forward passes without gradients, vertex by vertex; all activations lie in the graph's memory, and are gone at the end of a pass. */
final class Inference {
  /** Arrays of their own, for what outlives the pass. */
  static final Space DETACHED = (type, shape) -> {
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return Nd4j.createUninitialized(type, shape, 'c');
    }
  };

  private final NetworkConfig config;
  private final ComputationGraph graph;
  private final GraphContext context;

  Inference(NetworkConfig config, ComputationGraph graph, GraphContext context) {
    this.config = config;
    this.graph = graph;
    this.context = context;
  }

  /** A copy that outlives the pass. */
  INDArray detached(INDArray array) {
    INDArray copy = DETACHED.array(array.dataType(), array.shape());
    context.kernels().copy(copy, array);
    return copy;
  }

  /** The graph's inputs by name. */
  static Map<String, INDArray> values(NetworkConfig config, Sequences encoder, Sequences decoder) {
    Map<String, INDArray> values = new HashMap<>();
    if (encoder != null) {
      put(values, NetworkGraph.ENCODER, encoder, config.encoder().embedding().tokenTypes());
    }
    if (decoder != null) {
      put(values, NetworkGraph.DECODER, decoder, config.decoder().embedding().tokenTypes());
    }
    return values;
  }

  private static void put(Map<String, INDArray> values, String stack, Sequences sequences, int tokenTypes) {
    values.put(NetworkGraph.ids(stack), sequences.ids());
    values.put(NetworkGraph.offsets(stack), sequences.offsets());
    if (tokenTypes > 0) {
      values.put(NetworkGraph.types(stack), sequences.types() != null ? sequences.types() : Nd4j.zeros(sequences.ids().dataType(),
          sequences.ids().length()));
    }
  }

  /** Runs the whole network and hands over every activation by the name of its vertex. */
  <T> T run(Batch batch, Function<Map<String, INDArray>, T> use) {
    TransformerModel.check(config, batch.encoder(), batch.decoder());
    return run(values(config, batch.encoder(), batch.decoder()), use);
  }

  /** Runs the vertices whose inputs are there, or come to be there. */
  <T> T run(Map<String, INDArray> inputs, Function<Map<String, INDArray>, T> use) {
    Memory memory = context.kernels().memory();
    return walk(inputs, (block, in) -> block.node().forward(in, Pass.INFERENCE, memory).output(), -1, null, use);
  }

  /**
   * Runs one stack and hands over its output. Each vertex reads that of the one before it alone, so that two arrays take turns.
   *
   * @param last name of the vertex that ends the stack
   * @param tokens that the stack reads
   */
  <T> T runStack(String last, Map<String, INDArray> inputs, int tokens, Function<INDArray, T> use) {
    Memory memory = context.kernels().memory();
    long mark = memory.mark();
    try {
      INDArray[] turns = {memory.array(DataType.FLOAT, tokens, config.width()), memory.array(DataType.FLOAT, tokens, config.width())};
      return walk(inputs, (block, in) -> {
        INDArray output = in.x() == turns[0] ? turns[1] : turns[0];
        return block.node().forward(in, Pass.INFERENCE, (type, shape) -> output).output();
      }, -1, last, values -> use.apply(values.get(last)));
    } finally {
      memory.release(mark);
    }
  }

  /**
   * The next tokens of sequences that are decoded, through the decoder alone.
   *
   * @param tokens of every row of the state
   */
  <T> T extend(Sequences tokens, DecodingState state, Function<Map<String, INDArray>, T> use) {
    Memory memory = context.kernels().memory();
    return walk(values(config, null, tokens), (block, in) -> block.node().extend(in, state, memory), 1, null, use);
  }

  /**
   * @param needed how many inputs of a vertex must be there, counted from the first; -1 for all
   * @param last name of the last vertex to run; null for all
   */
  private <T> T walk(Map<String, INDArray> inputs, BiFunction<RunningBlock, Inputs, INDArray> run, int needed, String last,
      Function<Map<String, INDArray>, T> use) {
    Map<String, INDArray> values = new HashMap<>(inputs);
    long mark = context.kernels().memory().mark();
    try {
      GraphVertex[] vertices = graph.getVertices();
      for (int index : graph.topologicalSortOrder()) {
        if (vertices[index] instanceof RunningBlock block) {
          VertexIndices[] from = block.getInputVertices();
          INDArray[] in = new INDArray[from.length];
          for (int i = 0; i < in.length; i++) {
            in[i] = values.get(vertices[from[i].getVertexIndex()].getVertexName());
          }
          if (isReady(in, needed)) {
            context.kernels().enter(block.getVertexName());
            values.put(block.getVertexName(), run.apply(block, block.read(in)));
          }
          if (block.getVertexName().equals(last)) {
            break;
          }
        }
      }
      values.keySet().removeAll(inputs.keySet());
      return use.apply(values);
    } finally {
      context.kernels().memory().release(mark);
      context.end();
    }
  }

  private static boolean isReady(INDArray[] in, int needed) {
    for (int i = 0; i < (needed < 0 ? in.length : needed); i++) {
      if (in[i] == null) {
        return false;
      }
    }
    return true;
  }
}
