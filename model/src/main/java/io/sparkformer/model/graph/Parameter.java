package io.sparkformer.model.graph;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A parameter that a vertex declares: one contiguous piece of the flat array, in C order.
 *
 * @param name PyTorch's name
 * @param initializer of its first values
 * @param shape {@code [out, in]} for matrices
 */
record Parameter(String name, Initializer initializer, long... shape) {
  long length() {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  /** Fills the view with first values, a function of the seed and the parameter's name alone. */
  void initialize(INDArray view, long seed) {
    initializer.fill(view, shape, seed * 0x9E3779B97F4A7C15L + name.hashCode());
  }
}
