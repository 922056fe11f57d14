package io.sparkformer.model.graph;

import io.sparkformer.model.block.Parameter;
import io.sparkformer.model.block.Parameterized;
import io.sparkformer.model.kernel.Weight;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The parameters of one vertex: of those that it declares first in the network, its pieces of the flat parameters and, once training
 * begins, of the flat gradient; of the others, the vertices that own them.
 */
final class VertexParameters {
  private final List<Parameter> owned = new ArrayList<>();
  private final Map<String, String> lenders;
  private final INDArray values;
  private INDArray gradients;

  /**
   * @param lenders by the name of a parameter that another vertex owns, that vertex's name
   * @param values the vertex's piece of the flat parameters
   */
  VertexParameters(Parameterized block, Map<String, String> lenders, INDArray values) {
    this.lenders = lenders;
    this.values = values;
    block.parameters().stream().filter(parameter -> !lenders.containsKey(parameter.name())).forEach(owned::add);
  }

  static long count(Parameterized block, Map<String, String> lenders) {
    return block.parameters().stream().filter(parameter -> !lenders.containsKey(parameter.name())).mapToLong(Parameter::length).sum();
  }

  /** Gives the vertex's own parameters their first values. */
  void initialize(long seed) {
    try (MemoryWorkspace detached = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      long offset = 0;
      for (Parameter parameter : owned) {
        parameter.initialize(values.get(NDArrayIndex.interval(offset, offset + parameter.length())), seed);
        offset += parameter.length();
      }
    }
  }

  List<Parameter> owned() {
    return owned;
  }

  /** Names of the vertices whose parameters this one reads. */
  Iterable<String> lenders() {
    return lenders.values();
  }

  INDArray values() {
    return values;
  }

  INDArray gradients() {
    return gradients;
  }

  void attachGradients(INDArray view) {
    gradients = view;
  }

  Map<String, INDArray> table() {
    Map<String, INDArray> table = new LinkedHashMap<>();
    owned.forEach(parameter -> table.put(parameter.name(), own(parameter.name()).value()));
    return table;
  }

  /** A parameter that the vertex declares, its own or another vertex's. */
  Weight weight(ComputationGraph graph, String name) {
    String lender = lenders.get(name);
    return lender == null ? own(name) : ((ParameterVertex) graph.getVertex(lender)).parameters().own(name);
  }

  private Weight own(String name) {
    long offset = 0;
    for (Parameter parameter : owned) {
      if (parameter.name().equals(name)) {
        return new Weight(view(values, offset, parameter), gradients == null ? null : view(gradients, offset, parameter));
      }
      offset += parameter.length();
    }
    throw new IllegalArgumentException("No parameter %s: %s".formatted(name, owned));
  }

  private static INDArray view(INDArray flat, long offset, Parameter parameter) {
    return flat.get(NDArrayIndex.interval(offset, offset + parameter.length())).reshape('c', parameter.shape());
  }
}
