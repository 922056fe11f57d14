/**
 * The flat arrays that cross between the parts: parameters, gradients and optimizer state in native memory.
 *
 * <p>A network has one flat float32 array of parameters and one of gradients, both {@code [parameters]}; a tensor of the network, a
 * worker's share and a message are all ranges of them. {@link io.sparkformer.model.memory.FloatRegion} is such a range (read this
 * first), {@link io.sparkformer.model.memory.FlatRange} its place, {@link io.sparkformer.model.memory.ParallelBlocks} runs a loop
 * over one on several threads.
 *
 * <p>Comes in: {@code INDArray}s of DL4J, by reference. Goes out: bulk copies into small Java arrays, where plain loops are
 * vectorized by the JIT compiler, windows on the memory itself for loops of the Vector API, and {@code ByteBuffer} views for files and
 * sockets. Offsets and lengths are {@code long} and count
 * floats; an array may be larger than 2 GB.
 */
package io.sparkformer.model.memory;
