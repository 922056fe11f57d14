package io.sparkformer.jobs.embed;

/**
 * The vector of a text.
 *
 * @param values {@code [width]}; null if the text has no token of its own
 * @param tokens that were read, special ones included
 * @param cutOff tokens at the end of the text that were left out
 */
record Embedding(float[] values, int tokens, int cutOff) {

  static final Embedding NONE = new Embedding(null, 0, 0);
}
