package io.sparkformer.model.kernel;

/**
 * The parameters of a feed-forward layer.
 *
 * @param inner {@code [ffn, d_model]}
 * @param innerBias {@code [ffn]}
 * @param outer {@code [d_model, ffn]}
 * @param outerBias {@code [d_model]}
 */
public record FeedForwardWeights(Weight inner, Weight innerBias, Weight outer, Weight outerBias) {}
