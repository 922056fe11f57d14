package io.sparkformer.model.decode;

import java.util.List;

/**
 * What {@link Sampling} needs of a network: the logits of the next token of many texts at once, one step at a time. Rows, parents and
 * independence of the rest of a batch are as {@link StepDecoder} has them.
 */
public interface LogitsDecoder {

  /** Number of token ids the network knows. */
  int vocabularySize();

  /** The most tokens that an input may have. */
  int maxInput();

  /** The most new tokens that can be read after an input of this many tokens. */
  int maxNewTokens(int inputTokens);

  /** Whether a text goes on where its input ends (a decoder by itself), so that it can be started again from its own last tokens. */
  boolean continuesInput();

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
