/**
 * The fast kernels for x86-64 processors: matrix products by oneDNN, everything between them by the Vector API, fused so that each
 * activation is read and written as few times as possible.
 *
 * <p>Read {@link io.sparkformer.model.kernel.cpu.CpuKernels} first, then {@code CpuFeedForward} for the pattern that all follow. What
 * comes in and goes out are ND4J's arrays; a {@code Matrix} sees their native memory. Rows are cut into blocks ({@code RowBlocks}), the
 * threads of a {@code Team} take one block after another, and a block goes through products and passes on one core, in its cache.
 *
 * <p>The classes {@code *Rows} hold the passes over single rows. Each has the same shape: a loop over whole vectors, then a scalar tail
 * that computes the same. They are small, so that the JIT compiler makes one loop of each, and no vector is kept in a field.
 *
 * <p>Results are the same from run to run and do not depend on the number of threads: rows are cut by their number alone, and sums over
 * rows are added up in the order of the blocks. In inference, a row's result does not depend on the other rows of its batch.
 *
 * <p>Products of one thread: OpenMP is told to use one thread for each of ours, so several workers in one process do not fight over
 * cores. Memory that a backward pass needs belongs to the kernel and is used again from step to step ({@code Buffer}).
 */
package io.sparkformer.model.kernel.cpu;
