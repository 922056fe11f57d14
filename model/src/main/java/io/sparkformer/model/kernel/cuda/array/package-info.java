/**
 * Arrays on a device. {@link io.sparkformer.model.kernel.cuda.array.DeviceArray} (read it first) is what DL4J hands from vertex to vertex;
 * {@link io.sparkformer.model.kernel.cuda.array.DeviceStack} is where a pass takes them from;
 * {@link io.sparkformer.model.kernel.cuda.array.DeviceWeights} are the parameters' copies on the device,
 * {@link io.sparkformer.model.kernel.cuda.array.GradientTransfers} brings gradients to the host, and
 * {@link io.sparkformer.model.kernel.cuda.array.SliceArrays} are the parameters that are updated on the device, with their moments.
 */
package io.sparkformer.model.kernel.cuda.array;
