/**
 * The boxes of a network. Each says its parameters, its memory and how it runs.
 *
 * <p>Read {@link io.sparkformer.model.block.Block} first, then {@link io.sparkformer.model.block.LayerBlock}, which shows what a layer of
 * every family is made of, and {@link io.sparkformer.model.block.LayerNode}, which runs it. In: the records of {@code config} and kernels.
 * Out: a {@link io.sparkformer.model.block.Node} for every block, which {@code graph} wires into a network; and a
 * {@link io.sparkformer.model.block.HeadNode} for every head.
 *
 * <p><b>Names of parameters</b> are those of PyTorch's {@code nn.Transformer} where it has them ({@code encoder.layers.0.self_attn
 * .in_proj_weight}, {@code linear1.weight}, {@code norm1.bias}). Query, key and value projections are stacked in one matrix, and so are
 * the gate and the values of a gated feed-forward layer. How families name and cut them in their files, {@code architecture} says.
 *
 * <p><b>Memory.</b> What a block keeps between its passes lies on the stack of {@link io.sparkformer.model.kernel.Memory}; the graph gives
 * it back after the block's backward pass.
 */
package io.sparkformer.model.block;
