package io.sparkformer.model.block;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A parameter that a block declares: one contiguous piece of the flat array, in C order. Blocks that declare the same name share it.
 *
 * @param name unique in the network; PyTorch's where {@code nn.Transformer} has the parameter
 * @param initializer of its first values
 * @param shape {@code [out, in]} for matrices
 */
public record Parameter(String name, Initializer initializer, long... shape) {
  public long length() {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  /** Fills the view with first values, a function of the seed and the parameter's name alone. */
  public void initialize(INDArray view, long seed) {
    initializer.fill(view, seed * 0x9E3779B97F4A7C15L + name.hashCode());
  }
}
