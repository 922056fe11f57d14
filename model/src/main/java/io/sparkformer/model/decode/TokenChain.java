package io.sparkformer.model.decode;

/**
 * The tokens of an unfinished hypothesis, newest first; the root, before the first one, has none.
 *
 * @param attention what the network attended to when the newest one was chosen; null where nobody watches it
 * @param progress how much the text holds of the phrases that it must hold
 */
record TokenChain(TokenChain earlier, int newest, int length, float[] attention, PhraseProgress progress) {

  static TokenChain root(PhraseProgress progress) {
    return new TokenChain(null, -1, 0, null, progress);
  }

  TokenChain followedBy(int token, float[] itsAttention) {
    return new TokenChain(this, token, length + 1, itsAttention, progress.followedBy(token));
  }

  int[] toArray() {
    int[] array = new int[length];
    for (TokenChain at = this; at.length > 0; at = at.earlier) {
      array[at.length - 1] = at.newest;
    }
    return array;
  }

  /**
   * What the network attended to when each token was chosen.
   *
   * @param end the same of an end token behind them; null for none
   * @return {@code [length, or one more, source tokens]}; null where nobody watched it
   */
  float[][] attentionOfAll(float[] end) {
    if ((length == 0 ? end : attention) == null) {
      return null;
    }
    float[][] rows = new float[length + (end == null ? 0 : 1)][];
    if (end != null) {
      rows[length] = end;
    }
    for (TokenChain at = this; at.length > 0; at = at.earlier) {
      rows[at.length - 1] = at.attention;
    }
    return rows;
  }
}
