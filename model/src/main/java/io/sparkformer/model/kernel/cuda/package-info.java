/**
 * Kernels for NVIDIA devices. {@link io.sparkformer.model.kernel.cuda.CudaKernels} (read it first) makes them over what
 * {@code CudaEngine} holds: a device, its memory, one queue of work, compiled programs and products. Every kernel's call is a {@code Call},
 * which knows its arrays; the numbers are made by cuBLASLt and by the CUDA C in the resources beside this package ({@code code/*.cu}, with
 * {@code common.h} before each), which is compiled when it is first used.
 *
 * <p>Nothing in a pass waits for the device: DL4J carries {@code DeviceArray}s, whose numbers stay where they are, losses are read when
 * somebody asks for them, and gradients leave by a queue of their own. (Arrays of the host, and losses that the host computes, make a call
 * wait.) Parameters and gradients lie in copies of the flat arrays; updates of a slice are made there too ({@code CudaSlice}). All sums
 * have a fixed order, so that equal inputs give equal bits on one kind of device. Dropout masks are those of the other kernels.
 *
 * <p>Rooms: {@code driver} (CUDA's calls), {@code array} (memory and arrays), {@code product} (cuBLASLt).
 */
package io.sparkformer.model.kernel.cuda;
