/**
 * Native memory, and the threads that work on it. Uses no other package of the CPU kernels.
 *
 * <p>Read {@link io.sparkformer.model.kernel.cpu.memory.Matrix} first: a rectangle of {@link
 * io.sparkformer.model.kernel.cpu.memory.Floats}. {@link io.sparkformer.model.kernel.cpu.memory.HostMemory} is the stack of a graph's
 * passes, {@link io.sparkformer.model.kernel.cpu.memory.ThreadScratch} the memory of one thread. A {@link
 * io.sparkformer.model.kernel.cpu.memory.Team} of threads takes the blocks of {@link io.sparkformer.model.kernel.cpu.memory.RowBlocks} one
 * after another. Each of its threads tells OpenMP to use one thread, so that several workers in one process do not fight over cores.
 */
package io.sparkformer.model.kernel.cpu.memory;
