/**
 * Arrays on a device. {@link io.sparkformer.model.kernel.cuda.array.DeviceArray} (read it first) is what DL4J hands from vertex to vertex;
 * {@link io.sparkformer.model.kernel.cuda.array.DeviceStack} is where a pass takes them from;
 * {@link io.sparkformer.model.kernel.cuda.array.DeviceWeights} are the parameters' copies on the device.
 */
package io.sparkformer.model.kernel.cuda.array;
