package io.sparkformer.model.hub;

import java.util.List;

/** A tensor of a file, and where its elements come from or go to; elements are counted row-major. */
public interface TensorContent {
  /** Unique within a file. */
  String name();

  /** Sizes of the dimensions, outermost first; empty for a scalar. */
  List<Long> shape();

  /** Copies the elements from {@code from} on to the beginning of an array. */
  void read(long from, float[] into, int count);

  /** Takes the elements from {@code from} on from the beginning of an array. */
  void write(long from, float[] values, int count);

  default long length() {
    return NamedTensor.elements(shape());
  }
}
