package io.sparkformer.model.decode;

import io.sparkformer.model.kernel.NextTokens;
import java.util.List;

/**
 * What {@link BeamSearch} needs of a network: the next-token distribution of many unfinished hypotheses at once, one step at a time.
 *
 * <p>Rows are unfinished hypotheses. {@link #start} makes one row for every sentence; after that the search alone decides, through
 * the {@code parents} of each step, which rows go on, in what order, how often, and which are dropped. A row's sentence is that of
 * its parent. An implementation keeps keys and values of every row's earlier tokens, so that one step costs one token of work a row.
 *
 * <p>The result for a row must be a function of its source sentence and its tokens alone, to the last bit: it may not depend on the
 * other rows, on their number, or on the row's place among them. Implementations are used by one thread at a time.
 */
public interface StepDecoder extends AutoCloseable {

  /** Number of token ids the network knows; ids are 0 to {@code vocabularySize() - 1}. */
  int vocabularySize();

  /** Longest sequence the network accepts, in tokens: a source with its end token, or a translation with its begin token. */
  int maxLength();

  /**
   * Starts a batch of sentences and forgets the one before: encodes them and computes the keys and values of cross-attention.
   * Afterwards row i is sentence i, and has no tokens.
   *
   * @param sources token ids of each sentence without begin and end tokens, at most {@code maxLength() - 1} each; a sentence may
   *     be empty. The decoder appends the end token.
   */
  void start(List<int[]> sources);

  /**
   * Appends one token to every row and returns the most probable tokens to follow it.
   *
   * @param tokens [rows] the newest token of each new row; at the first step the begin token
   * @param parents [rows] the row of the step before (or of {@link #start}) whose history new row r continues; rows may be
   *     reordered, repeated and left out
   * @param k tokens wanted for each row, 1 to {@link #vocabularySize()}
   * @return the k best next tokens of each of the {@code tokens.length} new rows; valid until the next call
   */
  NextTokens step(int[] tokens, int[] parents, int k);

  /** Frees the caches. */
  @Override
  void close();
}
