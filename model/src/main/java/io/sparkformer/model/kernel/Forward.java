package io.sparkformer.model.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The result of a forward pass.
 *
 * @param output in the space that the call named
 * @param backward the way back; null in inference
 */
public record Forward(INDArray output, Backward backward) {
  /** The result of a pass that no backward pass follows. */
  public static Forward inference(INDArray output) {
    return new Forward(output, null);
  }
}
