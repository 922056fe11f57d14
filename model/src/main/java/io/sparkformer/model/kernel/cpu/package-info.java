/**
 * The fast kernels for x86-64 processors: matrix products by oneDNN, everything between them by the Vector API, fused so that each
 * activation is read and written as few times as possible.
 *
 * <p>Read {@link io.sparkformer.model.kernel.cpu.CpuKernels} first, then {@code CpuFeedForward} for the pattern that all follow. There is
 * one class {@code Cpu*} for each kernel. What they are made of stands in four packages, each of which uses only those above it here:
 * <ol>
 *   <li>{@link io.sparkformer.model.kernel.cpu.memory}: native memory, and the threads that work on it;</li>
 *   <li>{@link io.sparkformer.model.kernel.cpu.rows}: passes over single rows, by the Vector API;</li>
 *   <li>{@link io.sparkformer.model.kernel.cpu.product}: matrix products in every precision, by oneDNN;</li>
 *   <li>{@link io.sparkformer.model.kernel.cpu.attention}: attention, and its keys and values in decoding.</li>
 * </ol>
 *
 * <p>What comes in and goes out are ND4J's arrays; a {@code Matrix} sees their native memory. Rows are cut into blocks
 * ({@code RowBlocks}), the threads of a {@code Team} take one block after another, and a block goes through products and passes on one
 * core, in its cache. Parameters, their gradients, the residual stream, norms, softmax and loss are float32 in every precision.
 *
 * <p>Results are the same from run to run and do not depend on the number of threads: rows are cut by their number alone, and sums over
 * rows are added up in the order of the blocks. In inference, a row's result does not depend on the other rows of its batch.
 *
 * <p>Kernels keep nothing between passes. What a backward pass needs lies on the graph's stack ({@code HostMemory}), and the
 * {@link io.sparkformer.model.kernel.Backward} that a forward pass returns refers to it. Memory for what lives within one part of a loop
 * belongs to the thread ({@code ThreadScratch}).
 */
package io.sparkformer.model.kernel.cpu;
