/**
 * Matrix products of linear layers, by oneDNN. Uses {@code memory} and {@code rows}.
 *
 * <p>Read {@link io.sparkformer.model.kernel.cpu.product.Arithmetic} first. One is chosen for a graph: products in float32, in bfloat16
 * with float32 sums or an emulation of it, or in 8-bit integers with exact sums. What a product reads is an {@link
 * io.sparkformer.model.kernel.cpu.product.Operand}, written where its rows are made anyway: float32 memory itself, or a rounded copy; its
 * {@link io.sparkformer.model.kernel.cpu.product.Role} says how to round. Weights are rounded and packed once an update ({@code
 * PackedWeights}, {@code Int8Weights}; float32 ones for inference alone, {@code PackedFloats}), once for all graphs over the same
 * parameters ({@code SharedArithmetic}). {@code PackedBlocks} makes the products with them; their numbers of rows are few, so that a few
 * of oneDNN's primitives, which {@code Primitives} keeps, serve all batches.
 *
 * <p>Kernels see a layer as {@link io.sparkformer.model.kernel.cpu.product.Linear}, and what all kernels of a graph share as {@link
 * io.sparkformer.model.kernel.cpu.product.Engine}.
 */
package io.sparkformer.model.kernel.cpu.product;
