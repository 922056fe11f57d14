package io.sparkformer.model.kernel;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where the result of a kernel is put. */
@FunctionalInterface
public interface Space {
  /** An array in C order with unspecified content. */
  INDArray array(DataType type, long... shape);
}
