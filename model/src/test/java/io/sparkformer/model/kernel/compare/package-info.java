/**
 * What every set of kernels is compared in with the portable ones, which compute in double precision:
 * {@link io.sparkformer.model.kernel.compare.KernelComparison} says how, the classes whose names end in {@code Agreement} are the tests.
 * A set's own package has a subclass of each.
 */
package io.sparkformer.model.kernel.compare;
