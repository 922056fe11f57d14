package io.sparkformer.model.decode;

import java.util.Arrays;

/**
 * Live hypotheses, each followed by a token, in an order; used again for every step and sentence. Of equal log-probabilities the smaller
 * token comes first, then the better hypothesis.
 */
final class Extensions {
  private int[] parents = new int[0];
  private int[] tokens = new int[0];
  private double[] logProbabilities = new double[0];
  private int size;
  private int most;

  /** Forgets all, and keeps no more than the best {@code ofMost} of those to come. */
  void clear(int ofMost) {
    size = 0;
    most = ofMost;
    if (parents.length < most) {
      parents = new int[most];
      tokens = new int[most];
      logProbabilities = new double[most];
    }
  }

  int size() {
    return size;
  }

  /** Rank of the hypothesis. */
  int parent(int i) {
    return parents[i];
  }

  int token(int i) {
    return tokens[i];
  }

  /** Of the whole text. */
  double logProbability(int i) {
    return logProbabilities[i];
  }

  /** Puts an extension into its place among the best, if it has one. */
  void add(int parent, int token, double logProbability) {
    if (size == most && !isBefore(parent, token, logProbability, size - 1)) {
      return;
    }
    int from = 0;
    int to = size;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (isBefore(parent, token, logProbability, middle)) {
        to = middle;
      } else {
        from = middle + 1;
      }
    }
    int moved = Math.min(size, most - 1) - from;
    System.arraycopy(parents, from, parents, from + 1, moved);
    System.arraycopy(tokens, from, tokens, from + 1, moved);
    System.arraycopy(logProbabilities, from, logProbabilities, from + 1, moved);
    put(from, parent, token, logProbability);
    size = Math.min(most, size + 1);
  }

  private void put(int i, int parent, int token, double logProbability) {
    parents[i] = parent;
    tokens[i] = token;
    logProbabilities[i] = logProbability;
  }

  private boolean isBefore(int parent, int token, double logProbability, int i) {
    if (logProbability != logProbabilities[i]) {
      return logProbability > logProbabilities[i];
    }
    return token != tokens[i] ? token < tokens[i] : parent < parents[i];
  }

  /** Puts the extensions into another order. */
  void reorder(int[] order) {
    int[] oldParents = Arrays.copyOf(parents, size);
    int[] oldTokens = Arrays.copyOf(tokens, size);
    double[] old = Arrays.copyOf(logProbabilities, size);
    size = order.length;
    for (int i = 0; i < size; i++) {
      put(i, oldParents[order[i]], oldTokens[order[i]], old[order[i]]);
    }
  }
}
