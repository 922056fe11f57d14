/**
 * The fast kernels for x86-64 processors: matrix products by oneDNN, everything between them by the Vector API, fused so that each
 * activation is read and written as few times as possible.
 *
 * <p>Read {@link io.sparkformer.model.kernel.cpu.CpuKernels} first, then {@code CpuFeedForward} for the pattern that all follow. What
 * comes in and goes out are ND4J's arrays; a {@code Matrix} sees their native memory. Rows are cut into blocks ({@code RowBlocks}), the
 * threads of a {@code Team} take one block after another, and a block goes through products and passes on one core, in its cache.
 *
 * <p>Products are made by an {@code Arithmetic}, chosen once for a graph: in float32, in bfloat16 with float32 sums or an emulation of it,
 * or in 8-bit integers with exact sums. What a product reads is an {@code Operand}, written where its rows are made anyway: float32 memory
 * itself, or a rounded copy; its {@code Role} says how to round. Weights are rounded once an update, and packed where that pays
 * ({@code PackedWeights}, {@code Int8Weights}). Parameters, their gradients, the residual stream, norms, softmax and loss are float32 in
 * every precision, and so are the small products inside an attention head, which never leave a core's cache. {@code Primitives} keeps
 * oneDNN's bfloat16 primitives; rows of all products are multiples of 32, so a few of them serve all batches.
 *
 * <p>The classes {@code *Rows} hold the passes over single rows, {@code SoftmaxColumns} those over the queries of a head, side by side.
 * Each has the same shape: a loop over whole vectors, then a scalar tail that computes the same. They are small, so that the JIT compiler
 * makes one loop of each, and no vector is kept in a field.
 * {@link io.sparkformer.model.kernel.cpu.Bfloat16Rows} also serves what travels between workers.
 *
 * <p>Attention ({@code CpuAttention}, then {@code AttentionHeads}) never stores the scores of a sentence whole: {@code AttentionTiles} cuts
 * queries and keys into tiles that stay in a core's cache, a {@code Band} says what of a tile is visible, and the backward pass
 * ({@code AttentionHeadsBackward}) computes the probabilities of a tile again. Decoding has its own way ({@code CachedAttention}).
 *
 * <p>Results are the same from run to run and do not depend on the number of threads: rows are cut by their number alone, and sums over
 * rows are added up in the order of the blocks. In inference, a row's result does not depend on the other rows of its batch.
 *
 * <p>Products of one thread: OpenMP is told to use one thread for each of ours, so several workers in one process do not fight over
 * cores.
 *
 * <p>Kernels keep nothing between passes. What a backward pass needs lies on the graph's stack ({@code HostMemory}), and the
 * {@link io.sparkformer.model.kernel.Backward} that a forward pass returns refers to it. Memory for what lives within one part of a loop
 * belongs to the thread ({@code ThreadScratch}).
 */
package io.sparkformer.model.kernel.cpu;
