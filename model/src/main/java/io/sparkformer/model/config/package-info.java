/**
 * What a network is, in one record.
 *
 * <p>In: the {@code model.*} settings of a run, or the {@code config.json} of a model folder. Out: a checked
 * {@link io.sparkformer.model.config.TransformerConfig}, the first class to read, from which
 * {@link io.sparkformer.model.graph.TransformerGraph} builds the graph.
 *
 * <p><b>config.json</b>: one JSON object whose keys are the components of {@code TransformerConfig} in snake case
 * ({@code d_model}, {@code encoder_layers}, ...); choices are lower case with hyphens ({@code "encoder-decoder"}).
 */
package io.sparkformer.model.config;
