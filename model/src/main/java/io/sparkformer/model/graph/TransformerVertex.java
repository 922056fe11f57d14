package io.sparkformer.model.graph;

import java.util.List;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The configuration of one of our vertices: immutable, written to and read from DL4J's JSON, and the maker of the vertex that runs.
 * Two configurations are equal if they print the same, so {@link #toString()} of a subclass names every field.
 */
abstract class TransformerVertex extends GraphVertex {
  /** What the vertex owns, in the order of the flat array; empty for none. */
  abstract List<Parameter> parameters();

  abstract int inputs();

  abstract long seed();

  abstract KernelVertex<?> running(ComputationGraph graph, String name, int index, VertexParameters parameters, DataType type);

  @Override
  public abstract String toString();

  @Override
  public final KernelVertex<?> instantiate(ComputationGraph graph, String name, int index, INDArray view, boolean initialize,
      DataType type) {
    if (initialize) {
      try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
        long offset = 0;
        for (Parameter parameter : parameters()) {
          parameter.initialize(view.get(NDArrayIndex.interval(offset, offset + parameter.length())), seed());
          offset += parameter.length();
        }
      }
    }
    return running(graph, name, index, new VertexParameters(parameters(), view), type);
  }

  @Override
  public final long numParams(boolean backprop) {
    return parameters().stream().mapToLong(Parameter::length).sum();
  }

  @Override
  public final int minVertexInputs() {
    return inputs();
  }

  @Override
  public final int maxVertexInputs() {
    return inputs();
  }

  @Override
  public final InputType getOutputType(int layerIndex, InputType... inputs) {
    return inputs[0];
  }

  @Override
  public final MemoryReport getMemoryReport(InputType... inputs) {
    throw new UnsupportedOperationException("DL4J's memory report knows no packed rows; see the memory lines of the pretrain job");
  }

  @Override
  public final GraphVertex clone() {
    return this;
  }

  @Override
  public final boolean equals(Object other) {
    return other != null && other.getClass() == getClass() && other.toString().equals(toString());
  }

  @Override
  public final int hashCode() {
    return toString().hashCode();
  }
}
