/**
 * Passes over single rows, by the Vector API: activation functions, norms, dropout, sums, softmax with its loss, rounding. Uses {@code
 * memory}.
 *
 * <p>Read {@link io.sparkformer.model.kernel.cpu.rows.Lanes} first. The classes {@code *Rows} have the same shape: a loop over whole
 * vectors, then a scalar tail that computes the same. They are small, so that the JIT compiler makes one loop of each, and no vector is
 * kept in a field. {@link io.sparkformer.model.kernel.cpu.rows.Bfloat16Rows} also serves what travels between workers.
 */
package io.sparkformer.model.kernel.cpu.rows;
