package io.sparkformer.model.hub;

import io.sparkformer.model.memory.FloatRegion;
import java.util.Arrays;
import java.util.List;

/**
 * A float32 tensor by name: for writing, its values; for reading, the place they go to.
 *
 * @param name unique within a file, as in PyTorch's state dictionaries
 * @param shape sizes of the dimensions, outermost first; empty for a scalar
 * @param values the elements, row-major; usually a slice of the flat parameters
 */
public record NamedTensor(String name, List<Long> shape, FloatRegion values) implements TensorContent {

  /** @throws IllegalArgumentException when the shape does not have as many elements as {@code values} */
  public NamedTensor {
    shape = List.copyOf(shape);
    long elements = elements(shape);
    if (elements != values.length()) {
      throw new IllegalArgumentException(
          "Tensor " + name + " of shape " + shape + " needs " + elements + " values, found " + values.length());
    }
  }

  /** A tensor of the given shape. */
  public static NamedTensor of(String name, FloatRegion values, long... shape) {
    return new NamedTensor(name, Arrays.stream(shape).boxed().toList(), values);
  }

  @Override
  public void read(long from, float[] into, int count) {
    values.read(from, into, count);
  }

  @Override
  public void write(long from, float[] elements, int count) {
    values.write(from, elements, count);
  }

  static long elements(List<Long> shape) {
    long elements = 1;
    for (long size : shape) {
      elements = Math.multiplyExact(elements, size);
    }
    return elements;
  }
}
