/**
 * The network as a DL4J {@code ComputationGraph} of our own vertices, at the grain of the paper's figure 1.
 *
 * <p>In: a {@link io.sparkformer.model.config.TransformerConfig} and packed micro-batches
 * ({@link io.sparkformer.model.graph.TokenBatch}). Out: losses, and gradients in one flat array that lies exactly as the flat
 * parameters do. {@link io.sparkformer.model.graph.TransformerGraph} builds the graph and shows its whole wiring: read it first;
 * then {@link io.sparkformer.model.graph.TransformerModel}, which runs it; then any vertex. Vertices own parameters and wiring;
 * the numbers are made in {@code kernel}.
 *
 * <p><b>Inputs of the graph</b>: {@code source} and {@code target}, token ids {@code [tokens]}, and {@code source_offsets} and
 * {@code target_offsets} {@code [sentences + 1]}, all INT. Every vertex takes its offsets <em>after</em> its activations: DL4J's
 * backward pass loses count of a vertex's input gradients behind an input that has none and feeds several vertices.
 *
 * <p><b>Names of parameters</b> are those of PyTorch's {@code nn.Transformer} ({@code encoder.layers.0.self_attn.in_proj_weight}),
 * so a model folder's weights load there by name; the shared embedding is {@code embedding.weight}.
 */
package io.sparkformer.model.graph;
