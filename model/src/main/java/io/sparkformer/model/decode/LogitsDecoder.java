package io.sparkformer.model.decode;

import java.util.List;

/**
 * A decoder that also gives the logits of all tokens: what {@link Sampling}, {@link TokenRules} and ensembles need of a network. A batch is
 * decoded either by {@link #start} and {@link #step} or by the methods here.
 */
public interface LogitsDecoder extends StepDecoder {

  /**
   * Starts a batch of inputs, as {@link StepDecoder#start}.
   *
   * @return [inputs, vocabulary] unnormalized scores of the tokens to follow each, row-major; may be longer; valid, and the caller's to
   *     change, until the next call
   */
  float[] startLogits(List<int[]> inputs);

  /**
   * Appends one token to every row, as {@link StepDecoder#step}.
   *
   * @return as {@link #startLogits}
   */
  float[] stepLogits(int[] tokens, int[] parents);
}
