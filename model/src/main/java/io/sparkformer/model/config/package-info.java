/**
 * What a network is, in no family's words: {@link io.sparkformer.model.config.NetworkConfig} (read it first) has stacks of layers,
 * each described by records that name their paper. {@code architecture} makes one from a family's {@code config.json}; {@code graph} builds
 * the network from it.
 */
package io.sparkformer.model.config;
