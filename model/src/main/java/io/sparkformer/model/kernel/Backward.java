package io.sparkformer.model.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The backward pass of one forward pass, with everything it needs of that. It may be run once, while the memory that the forward pass
 * took is still held, and leaves nothing in the memory but its results.
 */
@FunctionalInterface
public interface Backward {
  /**
   * Adds to the gradients of the parameters.
   *
   * @param outputGradient of the forward pass's output, same shape; may be overwritten
   * @param space where the results are put
   * @return the gradients of the forward pass's input arrays, in their order; empty if they have none (token ids)
   */
  INDArray[] run(INDArray outputGradient, Space space);
}
