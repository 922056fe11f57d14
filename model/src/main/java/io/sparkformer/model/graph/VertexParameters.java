package io.sparkformer.model.graph;

import io.sparkformer.model.kernel.Weight;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The parameters of one vertex: its pieces of the flat parameters and, once training begins, of the flat gradient. */
final class VertexParameters {
  private final List<Parameter> parameters;
  private final INDArray values;
  private INDArray gradients;

  VertexParameters(List<Parameter> parameters, INDArray values) {
    this.parameters = parameters;
    this.values = values;
  }

  List<Parameter> declared() {
    return parameters;
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

  /** The parameter whose name ends so. */
  Weight weight(String suffix) {
    long offset = 0;
    for (Parameter parameter : parameters) {
      if (parameter.name().endsWith(suffix)) {
        return new Weight(view(values, offset, parameter), gradients == null ? null : view(gradients, offset, parameter));
      }
      offset += parameter.length();
    }
    throw new IllegalArgumentException("No parameter ends with %s: %s".formatted(suffix, parameters));
  }

  private static INDArray view(INDArray flat, long offset, Parameter parameter) {
    return flat.get(NDArrayIndex.interval(offset, offset + parameter.length())).reshape('c', parameter.shape());
  }
}
