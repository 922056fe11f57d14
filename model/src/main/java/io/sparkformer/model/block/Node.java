package io.sparkformer.model.block;

import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A block over its weights, ready to run. It keeps nothing between passes. */
public interface Node {
  /**
   * Runs the block. The backward pass returns the gradient of {@code x}, and of {@code other} behind it where that is the encoder's
   * output; none where the inputs are token ids.
   */
  Forward forward(Inputs inputs, Pass pass, Space space);

  /**
   * Runs the block on the next tokens of sequences that are decoded; {@code inputs.other} is null, since what cross-attention reads is in
   * the state. Blocks that see one token at a time do what they always do.
   */
  default INDArray extend(Inputs inputs, DecodingState state, Space space) {
    return forward(inputs, Pass.INFERENCE, space).output();
  }

  /**
   * Puts a cache for every attention of the block into the state: empty ones for self-attention, full ones for cross-attention.
   *
   * @param encoded the encoder's output {@code [tokens, width]}; null where there is none
   * @param encodedSegments its sequences, one for each row of the state; null where there are none
   */
  default void open(DecodingState state, INDArray encoded, Segments encodedSegments) {
    // Most blocks see one token at a time, and remember nothing.
  }
}
