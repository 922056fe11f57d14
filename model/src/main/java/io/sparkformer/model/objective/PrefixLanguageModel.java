package io.sparkformer.model.objective;

import java.util.Arrays;

/**
 * The rest of a text from its beginning (Raffel et al. 2020, section 3.1.4 and table 3, "prefix language modeling"; Liu et al. 2018): the
 * encoder reads the text up to a random place, the decoder says what follows. {@link SequenceToSequence} makes micro-batches of them.
 */
public record PrefixLanguageModel() {
  /**
   * The source and the target, without end tokens: a function of the arguments alone. Every place between two tokens is equally probable.
   *
   * @param tokens at least two
   * @param seed of the run
   * @param step number of the update
   * @param place of the text in the global batch
   */
  public SourceAndTarget split(int[] tokens, long seed, long step, long place) {
    if (tokens.length < 2) {
      throw new IllegalArgumentException("A text of %d tokens is too short to be cut in two (at least 2 are needed)"
          .formatted(tokens.length));
    }
    int at = Draws.of(seed, step, place).nextInt(1, tokens.length);
    return new SourceAndTarget(Arrays.copyOf(tokens, at), Arrays.copyOfRange(tokens, at, tokens.length));
  }
}
