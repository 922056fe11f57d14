package io.sparkformer.model.decode;

import io.sparkformer.model.kernel.NextTokens;
import java.util.List;

/**
 * What {@link BeamSearch} needs of a network: the next-token distribution of many unfinished hypotheses at once, one step at a time.
 *
 * <p>Rows are unfinished hypotheses. {@link #start} makes one row for every input; after that the search alone decides, through
 * the {@code parents} of each step, which rows go on, in what order, how often, and which are dropped. A row's input is that of
 * its parent. An implementation keeps keys and values of every row's earlier tokens, so that one step costs one token of work a row.
 *
 * <p>The result for a row must be a function of its input and its tokens alone, to the last bit: it may not depend on the
 * other rows, on their number, or on the row's place among them. Implementations are used by one thread at a time.
 */
public interface StepDecoder extends AutoCloseable {

  DecoderLimits limits();

  /**
   * Starts a batch of inputs, forgets the one before, and returns the most probable first tokens of each. Row i is input i.
   *
   * @param inputs token ids: of an encoder-decoder the source sentences without begin and end tokens, possibly empty (the decoder appends
   *     the end token, and begins with the begin token); of a decoder by itself the prompts, with at least one token
   * @param k tokens wanted for each row, 1 to the vocabulary
   * @return the k best first tokens of each row; valid until the next call
   */
  NextTokens start(List<int[]> inputs, int k);

  /**
   * Appends one token to every row and returns the most probable tokens to follow it.
   *
   * @param tokens [rows] the newest token of each new row
   * @param parents [rows] the row of the step before (or of {@link #start}) whose history new row r continues; rows may be
   *     reordered, repeated and left out
   * @param k tokens wanted for each row, 1 to the vocabulary
   * @return the k best next tokens of each of the {@code tokens.length} new rows; valid until the next call
   */
  NextTokens step(int[] tokens, int[] parents, int k);

  /**
   * How much of its attention a row gave to each position of its source when the network read the newest token, which is when it chose the
   * next ones.
   *
   * @param row of the last step
   * @return {@code [source tokens, the end token included]}, which sum to 1; null of a decoder that does not watch it
   */
  default float[] attention(int row) {
    return null;
  }

  /** Frees the caches. */
  @Override
  void close();
}
