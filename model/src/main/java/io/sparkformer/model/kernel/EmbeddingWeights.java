package io.sparkformer.model.kernel;

/**
 * The parameters of an embedding.
 *
 * @param table {@code [vocabulary, width]}
 * @param positions {@code [rows, width]} of learned positions; null for none
 * @param types {@code [token types, width]}; null for none
 */
public record EmbeddingWeights(Weight table, Weight positions, Weight types) {}
