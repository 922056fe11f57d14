package io.sparkformer.jobs.explain;

import java.util.List;

/**
 * All that a page shows of one line.
 *
 * @param number of the line in its file, from 1
 * @param texts what was read, and what was said of it
 * @param attention a set of maps for each kind of attention that the network has
 * @param predictions what the network says; empty for a network without a head
 * @param read the tokens whose part in each prediction is weighed: the encoder's, then the decoder's
 */
public record ExplainedLine(long number, List<NamedText> texts, List<TokenMaps> attention, List<WeighedPrediction> predictions,
    List<String> read) {

  /** A text, and what it is. */
  public record NamedText(String name, String text) {
  }

  /**
   * Attention weights between two rows of tokens.
   *
   * @param kind which attention: {@code Cross-attention}
   * @param queries the tokens that attend
   * @param keys the tokens that they attend to
   * @param layers of each layer {@code [heads, queries, keys]}
   */
  public record TokenMaps(String kind, List<String> queries, List<String> keys, List<float[][][]> layers) {
  }

  /**
   * Something that the network says.
   *
   * @param text the token or class
   * @param probability that the network gives it
   * @param saliency {@code [read]}: what each token that was read adds to the log-probability
   */
  public record WeighedPrediction(String text, double probability, float[] saliency) {
  }
}
