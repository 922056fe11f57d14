package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.kernel.Segments;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The projection of queries, of keys or of values.
 *
 * @param turning of queries and keys by their positions; null for none
 */
record HeadProjection(Nd4jLinear linear, RotaryTurning turning) {
  long out() {
    return linear.out();
  }

  /**
   * Writes {@code [tokens, heads * head_width]} to {@code out}.
   *
   * @param firstPositions of every sequence, the position of its first token here; null if all are 0
   */
  INDArray forward(INDArray x, Segments segments, int[] firstPositions, INDArray out) {
    linear.forward(x, out);
    return turning == null ? out : turning.turn(out, segments, firstPositions);
  }

  /** Adds to the parameters' gradients; writes the gradient of {@code x} to {@code out}. */
  INDArray backward(INDArray outputGradient, INDArray x, Segments segments, INDArray out) {
    if (turning != null) {
      turning.turnBack(outputGradient, segments);
    }
    linear.addGradients(outputGradient, x);
    return linear.inputGradient(outputGradient, out);
  }
}
