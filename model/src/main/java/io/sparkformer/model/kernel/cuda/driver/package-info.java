/**
 * One NVIDIA device as the kernels use it: {@link io.sparkformer.model.kernel.cuda.driver.Device} (read it first) has queues of work,
 * memory and compiled programs. Every status of CUDA's driver, compiler and libraries is checked; what fails is a
 * {@link io.sparkformer.model.kernel.cuda.driver.CudaException} that names the call and the device. Nothing here knows of networks.
 */
package io.sparkformer.model.kernel.cuda.driver;
