/**
 * Multi-head attention. Uses {@code memory}, {@code rows} and {@code product}; {@link
 * io.sparkformer.model.kernel.cpu.attention.CpuAttention} is all that others use.
 *
 * <p>Queries, keys and values are made by {@code AttentionProjections} and turned by {@code Rotation}. The scores of a sentence never exist
 * whole ({@code AttentionHeads}): {@code AttentionTiles} cuts queries and keys into tiles that stay in a core's cache, a {@code Band} says
 * what of a tile is visible, and the backward pass ({@code AttentionHeadsBackward}) computes the probabilities of a tile again. Decoding
 * has its own way ({@code CachedAttention}). The products inside a head are float32 in every precision, and made by the Vector API ({@code
 * SmallProduct}); {@code SoftmaxColumns} holds the passes over the queries of a head, side by side.
 */
package io.sparkformer.model.kernel.cpu.attention;
