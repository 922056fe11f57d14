/**
 * NVIDIA devices as resources of Spark. {@link io.sparkformer.jobs.device.GpuResources} checks on the driver that a job which asks for
 * devices gets them, and tells a task which one is its own; {@code submit-scripts/gpu-discovery.sh} lists a machine's devices for Spark.
 */
package io.sparkformer.jobs.device;
