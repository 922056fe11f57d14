/**
 * Kernels for NVIDIA devices. {@link io.sparkformer.model.kernel.cuda.CudaKernels} (read it first) makes them over what
 * {@code CudaEngine} holds: a device, its memory, one queue of work, compiled programs and products. Every kernel's call is a {@code Call},
 * which knows its arrays; the numbers are made by cuBLASLt and by the CUDA C in the resources beside this package ({@code code/*.cu}, with
 * {@code common.h} before each), which is compiled when it is first used.
 *
 * <p>Nothing in a pass waits for the device but the losses, and arrays of the host: DL4J carries {@code DeviceArray}s, whose numbers stay
 * where they are. All sums have a fixed order, so that equal inputs give equal bits on one kind of device. Dropout masks are those of the
 * other kernels.
 *
 * <p>Rooms: {@code driver} (CUDA's calls), {@code array} (memory and arrays), {@code product} (cuBLASLt).
 */
package io.sparkformer.model.kernel.cuda;
