package io.sparkformer.model.hub;

import io.sparkformer.model.architecture.TensorMapping;
import io.sparkformer.model.memory.FloatRegion;
import java.util.List;

/** A tensor of a family's files as a view of the parameter that it maps to. */
final class MappedTensor implements TensorContent {
  private final TensorMapping mapping;
  private final FloatRegion parameter;
  /** Elements of one row of the parameter. */
  private final long columns;
  /** Where the tensor's elements begin in the parameter, if they lie there one after another; -1 if they do not. */
  private final long start;

  /**
   * @param parameter its elements
   * @param parameterShape its shape
   */
  MappedTensor(TensorMapping mapping, FloatRegion parameter, long... parameterShape) {
    this.mapping = mapping;
    this.parameter = parameter;
    this.columns = parameterShape.length == 1 ? 1 : parameter.length() / parameterShape[0];
    this.start = mapping.layout() == TensorMapping.Layout.AS_IS && isRun(mapping.rows())
        ? (mapping.rows() == null ? 0 : mapping.rows()[0] * columns) : -1;
    long expected = mapping.rows() == null ? parameter.length() : mapping.rows().length * columns;
    if (length() != expected) {
      throw new IllegalStateException("Tensor %s of shape %s does not map to %d elements of parameter %s"
          .formatted(mapping.name(), mapping.shape(), expected, mapping.parameter()));
    }
  }

  private static boolean isRun(int[] rows) {
    for (int i = 1; rows != null && i < rows.length; i++) {
      if (rows[i] != rows[0] + i) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String name() {
    return mapping.name();
  }

  @Override
  public List<Long> shape() {
    return mapping.shape();
  }

  @Override
  public void read(long from, float[] into, int count) {
    if (start >= 0) {
      parameter.read(start + from, into, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      into[i] = parameter.at(place(from + i));
    }
  }

  @Override
  public void write(long from, float[] values, int count) {
    if (start >= 0) {
      parameter.write(start + from, values, count);
      return;
    }
    float[] one = new float[1];
    for (int i = 0; i < count; i++) {
      one[0] = values[i];
      parameter.write(place(from + i), one, 1);
    }
  }

  /** Where an element of the tensor lies in the parameter. */
  private long place(long element) {
    if (mapping.layout() == TensorMapping.Layout.AS_IS) {
      return row(element / columns) * columns + element % columns;
    }
    long outputs = mapping.shape().get(1);
    return row(element % outputs) * columns + element / outputs;
  }

  private long row(long row) {
    return mapping.rows() == null ? row : mapping.rows()[(int) row];
  }
}
