package io.sparkformer.model.graph;

import io.sparkformer.model.block.Block;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** The configuration of a vertex that runs a block: immutable, written to and read from DL4J's JSON. */
public final class BlockVertex extends GraphVertex {
  @JsonProperty private final String block;
  @JsonProperty private final Map<String, String> lenders;
  @JsonProperty private final int inputs;

  private final transient Block parsed;

  /**
   * @param block as {@link BlockJson} writes it
   * @param lenders by the name of a parameter that another vertex owns, that vertex's name
   * @param inputs how many there are
   */
  BlockVertex(@JsonProperty("block") String block, @JsonProperty("lenders") Map<String, String> lenders,
      @JsonProperty("inputs") int inputs) {
    this.block = block;
    this.lenders = new TreeMap<>(lenders);
    this.inputs = inputs;
    this.parsed = BlockJson.read(block, Block.class);
  }

  @Override
  public RunningBlock instantiate(ComputationGraph graph, String name, int index, INDArray view, boolean initialize, DataType type) {
    VertexParameters parameters = new VertexParameters(parsed, lenders, view);
    if (initialize) {
      parameters.initialize(parsed.drawing().seed());
    }
    return new RunningBlock(parsed, graph, name, index, parameters, type);
  }

  @Override
  public long numParams(boolean backprop) {
    return VertexParameters.count(parsed, lenders);
  }

  @Override
  public int minVertexInputs() {
    return inputs;
  }

  @Override
  public int maxVertexInputs() {
    return inputs;
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType... types) {
    return types[0];
  }

  @Override
  public MemoryReport getMemoryReport(InputType... types) {
    throw new UnsupportedOperationException("DL4J's memory report does not support packed rows; see ModelMemory");
  }

  @Override
  public GraphVertex clone() {
    return this;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BlockVertex vertex && vertex.toString().equals(toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  @Override
  public String toString() {
    return "BlockVertex(%s, lenders=%s, inputs=%d)".formatted(block, lenders, inputs);
  }
}
