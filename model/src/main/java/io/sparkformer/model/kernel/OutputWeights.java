package io.sparkformer.model.kernel;

/**
 * The parameters of an output projection.
 *
 * @param table {@code [classes, width]}: of a language model the vocabulary, often the embedding's table itself
 * @param bias {@code [classes]}; null for none; its gradient is null if it is not trained
 */
public record OutputWeights(Weight table, Weight bias) {}
