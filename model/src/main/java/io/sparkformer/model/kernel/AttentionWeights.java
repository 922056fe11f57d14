package io.sparkformer.model.kernel;

/**
 * The parameters of multi-head attention, laid out as PyTorch's {@code nn.MultiheadAttention} has them.
 *
 * @param inProjection {@code [3 * d_model, d_model]}: the projections of query, key and value one below another
 * @param inBias {@code [3 * d_model]}
 * @param outProjection {@code [d_model, d_model]}
 * @param outBias {@code [d_model]}
 */
public record AttentionWeights(Weight inProjection, Weight inBias, Weight outProjection, Weight outBias) {}
