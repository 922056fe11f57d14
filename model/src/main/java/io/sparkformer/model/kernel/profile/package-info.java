/**
 * Where a step's time goes: {@link io.sparkformer.model.kernel.profile.ProfiledKernels} wraps the kernels of a graph, and
 * {@link io.sparkformer.model.kernel.profile.KernelProfile} adds up how long each kind of them ran, forward and backward. Not used in
 * training; {@code bench.sh train --profile} prints it.
 */
package io.sparkformer.model.kernel.profile;
