/**
 * Matrix products of linear layers, by oneDNN. Uses {@code memory} and {@code rows}.
 *
 * <p>Read {@link io.sparkformer.model.kernel.cpu.product.Arithmetic} first. One is chosen for a graph: products in float32, in bfloat16
 * with float32 sums or an emulation of it, or in 8-bit integers with exact sums. What a product reads is an {@link
 * io.sparkformer.model.kernel.cpu.product.Operand}, written where its rows are made anyway: float32 memory itself, or a rounded copy; its
 * {@link io.sparkformer.model.kernel.cpu.product.Role} says how to round. Weights are rounded once an update, and packed where that pays
 * ({@code PackedWeights}, {@code Int8Weights}). {@code Primitives} keeps oneDNN's primitives for these; rows of all products are multiples
 * of 32, so a few of them serve all batches.
 *
 * <p>Kernels see a layer as {@link io.sparkformer.model.kernel.cpu.product.Linear}, and what all kernels of a graph share as {@link
 * io.sparkformer.model.kernel.cpu.product.Engine}.
 */
package io.sparkformer.model.kernel.cpu.product;
