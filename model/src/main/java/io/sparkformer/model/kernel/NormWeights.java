package io.sparkformer.model.kernel;

/**
 * The parameters of a norm.
 *
 * @param gain {@code [width]}
 * @param bias {@code [width]}; null for none
 */
public record NormWeights(Weight gain, Weight bias) {}
