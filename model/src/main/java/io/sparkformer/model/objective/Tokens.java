package io.sparkformer.model.objective;

import java.util.Arrays;

/** Sequences of token ids with one more token. */
final class Tokens {
  private Tokens() {}

  static int[] between(int[] tokens, int last) {
    int[] more = Arrays.copyOf(tokens, tokens.length + 1);
    more[tokens.length] = last;
    return more;
  }

  static int[] between(int first, int[] tokens) {
    int[] more = new int[tokens.length + 1];
    more[0] = first;
    System.arraycopy(tokens, 0, more, 1, tokens.length);
    return more;
  }
}
