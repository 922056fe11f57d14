package io.sparkformer.model.decode;

import java.util.Arrays;

/**
 * The tokens of all hypotheses of a sentence. A node is a token with the text before it; node 0 is the empty text. Arrays grow, and nothing
 * else is allocated.
 */
final class TokenTree {
  private static final int FIRST_CAPACITY = 64;

  private int[] previous = new int[FIRST_CAPACITY];
  private int[] tokens = new int[FIRST_CAPACITY];
  private int[] lengths = new int[FIRST_CAPACITY];
  /** Of every node, what the network attended to when its token was chosen; null where nobody watches it. */
  private float[][] attention;
  private int nodes = 1;

  /**
   * Adds a token behind a text.
   *
   * @param attended what the network attended to when it was chosen; null where nobody watches it
   * @return the node
   */
  int add(int text, int token, float[] attended) {
    if (nodes == tokens.length) {
      previous = Arrays.copyOf(previous, 2 * nodes);
      tokens = Arrays.copyOf(tokens, 2 * nodes);
      lengths = Arrays.copyOf(lengths, 2 * nodes);
      attention = attention == null ? null : Arrays.copyOf(attention, 2 * nodes);
    }
    if (attended != null) {
      attention = attention == null ? new float[tokens.length][] : attention;
      attention[nodes] = attended;
    }
    previous[nodes] = text;
    tokens[nodes] = token;
    lengths[nodes] = lengths[text] + 1;
    return nodes++;
  }

  int token(int node) {
    return tokens[node];
  }

  int length(int node) {
    return lengths[node];
  }

  /** The tokens of a text. */
  int[] path(int node) {
    int[] path = new int[lengths[node]];
    for (int at = node; at > 0; at = previous[at]) {
      path[lengths[at] - 1] = tokens[at];
    }
    return path;
  }

  /**
   * What the network attended to when each token of a text was chosen.
   *
   * @param end the same of an end token behind it; null for none
   * @return {@code [tokens, source tokens]}; null where nobody watched it
   */
  float[][] attention(int node, float[] end) {
    if (attention == null && end == null) {
      return null;
    }
    float[][] rows = new float[lengths[node] + (end == null ? 0 : 1)][];
    if (end != null) {
      rows[lengths[node]] = end;
    }
    for (int at = node; at > 0; at = previous[at]) {
      rows[lengths[at] - 1] = attention[at];
    }
    return rows;
  }
}
