/**
 * The portable kernels: ND4J's operations only, on any backend and in any floating-point type. Clear rather than fast; the oracle that
 * faster kernels are compared with, and in double precision the one whose gradients are checked by finite differences.
 */
package io.sparkformer.model.kernel.portable;
