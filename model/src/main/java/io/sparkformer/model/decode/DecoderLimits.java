package io.sparkformer.model.decode;

/**
 * How much a decoder can take.
 *
 * @param vocabulary token ids that the network knows: 0 to {@code vocabulary - 1}
 * @param longest tokens of the longest sequence, begin or end token included
 * @param continuesInput whether a text goes on where its input ends (a decoder by itself), so that both share the longest sequence
 */
public record DecoderLimits(int vocabulary, int longest, boolean continuesInput) {

  /** The most tokens that an input may have, as {@link StepDecoder#start} receives it. */
  public int maxInput() {
    return longest - 1;
  }

  /** The most new tokens, the end token not counted, that can follow an input of this many tokens. */
  public int maxNewTokens(int inputTokens) {
    return continuesInput ? longest - inputTokens : longest - 1;
  }
}
