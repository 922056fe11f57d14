package io.sparkformer.jobs.pretrain.objective;

import io.sparkformer.data.shard.Example;
import io.sparkformer.data.shard.TokenRow;
import io.sparkformer.jobs.config.ObjectiveSettings.Attention;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The sequences that a network reads of rows of text. With {@link Attention#ROW} a row is one sequence; with {@link Attention#DOCUMENT} a
 * new one begins at every end-of-document token, so that no token sees another document, and positions count from there.
 *
 * @param endOfDocument id of the token before each document
 */
record RowText(int endOfDocument, Attention attention) implements Serializable {
  /** All sequences of some rows, each with the token that follows it. */
  List<int[]> withNext(List<? extends Example> rows) {
    List<int[]> sequences = new ArrayList<>();
    for (Example row : rows) {
      int[] ids = ((TokenRow) row).tokens();
      int last = ids.length - 1;
      int begin = 0;
      for (int i = 1; i <= last; i++) {
        if (i == last || attention == Attention.DOCUMENT && ids[i] == endOfDocument) {
          sequences.add(Arrays.copyOfRange(ids, begin, i + 1));
          begin = i;
        }
      }
    }
    return sequences;
  }

  /** All sequences of some rows. */
  List<int[]> sequences(List<? extends Example> rows) {
    return withNext(rows).stream().map(ids -> Arrays.copyOf(ids, ids.length - 1)).toList();
  }

  /** Tokens of all sequences. */
  static int tokens(List<? extends Example> rows) {
    return rows.stream().mapToInt(row -> row.tokens(0)).sum();
  }
}
