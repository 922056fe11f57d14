package io.sparkformer.model.explain;

import io.sparkformer.model.graph.NetworkGraph;
import io.sparkformer.model.kernel.portable.PassRecord;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Keeps the gradients of a pass with respect to what its embeddings give. */
final class GradientRecord implements PassRecord {
  private final Map<String, float[][]> byStack = new HashMap<>();

  @Override
  public Consumer<INDArray> embedding(String vertex) {
    String stack = vertex.startsWith(NetworkGraph.ENCODER) ? NetworkGraph.ENCODER : NetworkGraph.DECODER;
    return gradient -> byStack.put(stack, gradient.toFloatMatrix());
  }

  /** {@code [tokens, width]}. */
  float[][] of(String stack) {
    return byStack.get(stack);
  }
}
