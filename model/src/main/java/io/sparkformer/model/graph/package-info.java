/**
 * The network as a DL4J {@code ComputationGraph} of blocks, all in one generic vertex.
 *
 * <p>In: a {@link io.sparkformer.model.config.NetworkConfig} and packed micro-batches ({@link io.sparkformer.model.batch.Batch}). Out:
 * losses, and gradients in one flat array that lies exactly as the flat parameters do.
 * {@link io.sparkformer.model.graph.NetworkGraph} wires the blocks: read it first; then
 * {@link io.sparkformer.model.graph.TransformerModel}, which runs the network; then {@code RunningBlock}. Vertices own parameters and
 * wiring; blocks say what is computed, and the numbers are made in {@code kernel}.
 *
 * <p><b>Inputs of the graph</b>, all INT, for each stack that the network has: token ids {@code [tokens]}, token types {@code [tokens]} if
 * the network knows them, and {@code offsets [sequences + 1]}. Every vertex takes offsets <em>after</em> its activations: DL4J's backward
 * pass loses count of a vertex's input gradients behind an input that has none and feeds several vertices.
 *
 * <p><b>Parameters</b>: of blocks that declare the same name, the first in the graph owns it, and the others read it from there.
 */
package io.sparkformer.model.graph;
