package io.sparkformer.model.kernel;

/**
 * The parameters of multi-head attention.
 *
 * @param input {@code [(heads + 2 * key_value_heads) * head_width, width]}: the projections of query, key and value one below another
 * @param inputBias {@code [(heads + 2 * key_value_heads) * head_width]}; null for none
 * @param output {@code [width, heads * head_width]}
 * @param outputBias {@code [width]}; null for none
 * @param relative {@code [buckets, heads]} of {@link io.sparkformer.model.config.AttentionPositions.Relative}; null for none
 */
public record AttentionWeights(Weight input, Weight inputBias, Weight output, Weight outputBias, Weight relative) {}
