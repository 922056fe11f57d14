package io.sparkformer.model.graph;

import io.sparkformer.model.block.Parameter;
import io.sparkformer.model.block.Parameterized;
import io.sparkformer.model.kernel.Weight;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The parameters of one vertex: of those that it declares first in the network, its pieces of the flat parameters and, once training
 * begins and as far as they are trained, of the flat gradient; of the others, the vertices that own them.
 */
final class VertexParameters {
  private final List<Parameter> owned = new ArrayList<>();
  /** Those of them that have a gradient. */
  private final List<Parameter> trained = new ArrayList<>();
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
    trained.addAll(owned);
  }

  /** Leaves parameters without a gradient; to be called before one is attached. */
  void freeze(Set<String> names) {
    trained.removeIf(parameter -> names.contains(parameter.name()));
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

  /** The vertex's own parameters that have a gradient, in the order of the flat gradient. */
  List<Parameter> trained() {
    return trained;
  }

  /** Elements of the vertex's piece of the flat gradient. */
  long trainedLength() {
    return trained.stream().mapToLong(Parameter::length).sum();
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
    INDArray value = view(owned, values, name);
    if (value == null) {
      throw new IllegalArgumentException("No parameter %s: %s".formatted(name, owned));
    }
    return new Weight(value, gradients == null ? null : view(trained, gradients, name));
  }

  /** The piece of a parameter; null if it is not among these. */
  private static INDArray view(List<Parameter> parameters, INDArray flat, String name) {
    long offset = 0;
    for (Parameter parameter : parameters) {
      if (parameter.name().equals(name)) {
        return view(flat, offset, parameter);
      }
      offset += parameter.length();
    }
    return null;
  }

  private static INDArray view(INDArray flat, long offset, Parameter parameter) {
    return flat.get(NDArrayIndex.interval(offset, offset + parameter.length())).reshape('c', parameter.shape());
  }
}
