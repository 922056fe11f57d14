package io.sparkformer.model.kernel;

/**
 * The parameters of a feed-forward layer.
 *
 * @param inner {@code [ffn, width]}; of a gated layer {@code [2 * ffn, width]}, the gate's rows first
 * @param innerBias {@code [ffn]} or {@code [2 * ffn]}; null for none
 * @param outer {@code [width, ffn]}
 * @param outerBias {@code [width]}; null for none
 */
public record FeedForwardWeights(Weight inner, Weight innerBias, Weight outer, Weight outerBias) {}
